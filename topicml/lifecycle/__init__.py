"""A model over time: retrain, replace and bring back, backtest, ageing, learning curve, suspect labels."""
