"""How good a model is: evaluate, compare, mistakes, slices, the HTML report."""
