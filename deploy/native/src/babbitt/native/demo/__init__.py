"""The whole way, once: dataset, training, promotion, predictions about records that training never saw."""
