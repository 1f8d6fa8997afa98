"""Saved news pages to labelled articles.

From below: bytes to text (`page_bytes`), text to a tree (`page_tree`), what the tree says about its
section (`structured_data`, `section_signals`), the story (`story`), what gives the label away
(`giveaways`), one page (`one_page`), where pages come from (`sources`, `warc`, `feeds`), all of them
(`collecting`).
"""
