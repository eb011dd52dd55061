-- What the Go service's migrate runs, each time: the statements are its own,
-- the ten samples are of the same kind.
CREATE TABLE IF NOT EXISTS messages (
    id SERIAL PRIMARY KEY,
    phone_number VARCHAR(20) NOT NULL,
    content VARCHAR(160) NOT NULL,
    sent BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_messages_sent_created ON messages(sent, created_at);
CREATE INDEX IF NOT EXISTS idx_messages_phone ON messages(phone_number);
CREATE INDEX IF NOT EXISTS idx_messages_sent ON messages(sent) WHERE sent = TRUE;

INSERT INTO messages (phone_number, content) VALUES
    ('+905550000001', 'Your order is on its way.'),
    ('+905550000002', 'Your table is booked for tonight.'),
    ('+905550000003', 'Your code is 123456.'),
    ('+905550000004', 'Your parcel has arrived.'),
    ('+905550000005', 'Your invoice is ready.'),
    ('+905550000006', 'Your appointment is tomorrow at nine.'),
    ('+905550000007', 'Your password was changed.'),
    ('+905550000008', 'Your taxi is waiting outside.'),
    ('+905550000009', 'Your subscription ends this week.'),
    ('+905550000010', 'Your refund was paid out.');
