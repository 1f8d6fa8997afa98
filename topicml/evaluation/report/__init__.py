"""An evaluation as one HTML file.

Facts about model and data (`origins`), tables (`tables`), mistakes (`mistake_cards`), and the page that has
them and the pictures (`page`).
"""
