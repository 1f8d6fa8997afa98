"""Put news articles into sections: train, predict, explain, evaluate."""
