-- The predecessor's table, as its own migration makes it. Where it is already
-- there, it is left as it is: V2 turns the one or the other into ours, so that
-- a new database and one that was taken over end up the same.
CREATE TABLE IF NOT EXISTS messages (
    id SERIAL PRIMARY KEY,
    phone_number VARCHAR(20) NOT NULL,
    content VARCHAR(160) NOT NULL,
    sent BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT NOW()
);
