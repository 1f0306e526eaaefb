//! What a process does, and which stores it needs for that.

use clap::ValueEnum;

/// What a process can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Accepts messages of SDKs.
    Ingest,
    /// Stores them.
    Worker,
    /// Answers questions and serves the dashboard.
    Query,
}

/// A store that roles work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seam {
    Queue,
    Traffic,
    Metadata,
}

impl Role {
    const ALL: [Self; 3] = [Self::Ingest, Self::Worker, Self::Query];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Worker => "worker",
            Self::Query => "query",
        }
    }

    fn stores(self) -> &'static [Seam] {
        match self {
            Self::Ingest => &[Seam::Queue, Seam::Metadata],
            Self::Worker => &[Seam::Queue, Seam::Traffic, Seam::Metadata],
            // It hears of the queue from the processes that are connected to it.
            Self::Query => &[Seam::Traffic, Seam::Metadata],
        }
    }
}

/// The roles of one process; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles([bool; 3]);

impl Roles {
    pub const ALL: Self = Self([true; 3]);

    /// These roles; all of them when none is named.
    pub fn of(named: &[Role]) -> Self {
        if named.is_empty() { Self::ALL } else { Self(Role::ALL.map(|role| named.contains(&role))) }
    }

    pub fn has(self, role: Role) -> bool {
        self.iter().any(|own| own == role)
    }

    /// Their names, separated by commas.
    pub fn names(self) -> String {
        self.iter().map(Role::name).collect::<Vec<_>>().join(",")
    }

    pub(super) fn need(self, seam: Seam) -> bool {
        self.iter().any(|role| role.stores().contains(&seam))
    }

    /// Whether other processes, with the roles that are left, need the same store.
    pub(super) fn share(self, seam: Seam) -> bool {
        self.need(seam) && Self(self.0.map(|own| !own)).need(seam)
    }

    fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().zip(self.0).filter_map(|(role, own)| own.then_some(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_shared_when_roles_on_both_sides_need_it() {
        let ingest = Roles::of(&[Role::Ingest]);
        assert!(ingest.share(Seam::Queue) && ingest.share(Seam::Metadata) && !ingest.share(Seam::Traffic));
        let rest = Roles::of(&[Role::Worker, Role::Query]);
        assert!(rest.share(Seam::Queue) && !rest.share(Seam::Traffic), "only they need traffic");
        assert!(!Roles::ALL.share(Seam::Queue));
        assert_eq!(Roles::of(&[]), Roles::ALL);
        assert_eq!(rest.names(), "worker,query");
    }
}
