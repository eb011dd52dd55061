SELECT set_config('statement_timeout', $1, true), set_config('enable_seqscan', 'off', true)
