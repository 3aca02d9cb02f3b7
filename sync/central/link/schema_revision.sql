-- Where the revision of the render daemon's own tables stands. Rows: its state, of vividd.migration; none before it.
SELECT state FROM vividd.migration WHERE revision = 4
