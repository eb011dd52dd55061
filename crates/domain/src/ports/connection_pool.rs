//! A pool of connections, seen from outside.

/// Tells how a pool is used. Never waits.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ConnectionPool: Send + Sync {
    /// How it is used now.
    fn usage(&self) -> PoolUsage;
}

/// How a pool is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolUsage {
    /// Most connections that it opens.
    pub max: u64,
    /// Open and in use.
    pub in_use: u64,
    /// Open and free.
    pub idle: u64,
    /// Callers that wait for one.
    pub waiting: u64,
}

impl PoolUsage {
    /// From what pools usually tell: how many connections are open, and how
    /// many of these are free.
    #[must_use]
    pub fn of(max: usize, open: usize, free: usize, waiting: usize) -> Self {
        let number = |count: usize| count as u64;
        Self {
            max: number(max),
            in_use: number(open.saturating_sub(free)),
            idle: number(free),
            waiting: number(waiting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_in_use_or_free() {
        let usage = PoolUsage { max: 8, in_use: 3, idle: 2, waiting: 1 };
        assert_eq!(PoolUsage::of(8, 5, 2, 1), usage);
        // A pool that counts while it changes may tell more free than open ones.
        assert_eq!(PoolUsage::of(8, 1, 2, 0).in_use, 0);
    }
}
