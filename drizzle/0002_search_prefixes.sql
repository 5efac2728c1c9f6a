DROP TABLE messages_fts;
--> statement-breakpoint
CREATE VIRTUAL TABLE messages_fts USING fts5(content, content='messages', content_rowid='seq', tokenize='unicode61 remove_diacritics 2', prefix='2 3');
--> statement-breakpoint
INSERT INTO messages_fts(messages_fts) VALUES ('rebuild');
