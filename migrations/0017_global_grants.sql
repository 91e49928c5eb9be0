-- The unique constraint never sees a grant without a scope_id; 0003 left each once, and this keeps it so.
CREATE UNIQUE INDEX `unique_user_role_global` ON `userroleassignment` (`user_id`,`role_id`,`scope_type`) WHERE scope_id IS NULL;
