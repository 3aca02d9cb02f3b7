-- A student who cannot log in, for requests of tests. $1 text: the id. A row if there was none.
INSERT INTO users (user_id, email, password_hash, first_name, last_name, role)
VALUES ($1::text, $1::text || '@students.invalid', '!', 'Test', $1::text, 'student')
    ON CONFLICT (user_id) DO NOTHING
RETURNING user_id;
