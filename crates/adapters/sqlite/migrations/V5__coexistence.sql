-- Which servers may stay while this database is newer than they are, so that
-- replicas are replaced one by one (docs/migrations.md, ADR 14): a program that
-- knows schema `works_with` or a later one works on a database with this
-- migration. NULL: only one that knows the migration itself.
--
-- A migration says it of itself in a line of its own, `-- works-with: 5`, which
-- the program that applies it writes down here; without that line it is NULL.
ALTER TABLE dispatcher_schema_history ADD COLUMN works_with integer;
