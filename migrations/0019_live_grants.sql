CREATE INDEX `ix_userroleassignment_grants` ON `userroleassignment` (`user_id`,`scope_type`,`scope_id`,`role_id`,`expires_at`);
