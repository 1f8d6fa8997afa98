"""One HTML file of all that is known of a model after it was measured.

What is said of model and data (`origins`), what stands in tables (`tables`), the page that holds them and
the pictures (`page`).
"""
