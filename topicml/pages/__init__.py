"""Saved news pages to labelled articles.

From below: bytes to text (`page_bytes`, `mhtml`), text to a tree (`page_tree`), what the tree says about
its section (`structured_data`, `section_signals`), the story (`story`, `notices`), what gives the label
away (`giveaways`), one page (`one_page`, `several_stories`), where pages come from (`sources`,
`http_answer`, `warc`, `feeds`, `news_items`), all of them (`collecting`).
"""
