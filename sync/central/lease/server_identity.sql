-- Which server this is: another one, or one that was promoted, may lack commits that the last one acknowledged.
--
-- Rows: one, system identifier and timeline. Fails on a standby, which is no place to write results to.
SELECT system_identifier || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
  FROM pg_control_system()
