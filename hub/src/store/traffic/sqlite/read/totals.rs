//! Cells added up to totals.

use std::collections::BTreeMap;

use sendry_sdk::protocol::Histogram;

use super::super::cell::read_cell;
use crate::store::traffic::{Filter, Totals};

/// Totals in the making.
#[derive(Default)]
pub(super) struct Sum {
    totals: Totals,
    by_status: BTreeMap<u16, u64>,
    /// Durations that do not count for Apdex as they lasted; the others are in `totals.apdex_durations`.
    other_durations: Histogram,
}

impl Sum {
    /// Adds the statuses of a cell that `filter` covers; none when the bytes are not a cell.
    pub(super) fn add(&mut self, cell: &[u8], filter: &Filter) -> Option<()> {
        let totals = &mut self.totals;
        read_cell(cell, |status, sums, histograms| {
            if !filter.covers_status(status) {
                return Some(());
            }
            totals.requests = totals.requests.saturating_add(sums.requests);
            totals.aborted = totals.aborted.saturating_add(sums.aborted);
            totals.body_errors = totals.body_errors.saturating_add(sums.body_errors);
            totals.panics = totals.panics.saturating_add(sums.panics);
            totals.duration_sum_us = totals.duration_sum_us.saturating_add(sums.duration_sum_us);
            totals.duration_max_us = totals.duration_max_us.max(sums.duration_max_us);
            totals.request_bytes = totals.request_bytes.saturating_add(sums.request_bytes);
            totals.response_bytes = totals.response_bytes.saturating_add(sums.response_bytes);
            let count = self.by_status.entry(status).or_default();
            *count = count.saturating_add(sums.requests);
            let durations = if counts_for_apdex(status) {
                &mut totals.apdex_durations
            } else {
                &mut self.other_durations
            };
            if filter.consumer.is_some() || filter.durations_only {
                return histograms.add_durations_to(durations);
            }
            let sizes = [&mut totals.request_sizes, &mut totals.response_sizes];
            histograms.add_to(durations, &mut totals.headers, sizes)
        })
    }

    pub(super) fn finish(self) -> Totals {
        let mut totals = self.totals;
        totals.by_status = self.by_status.into_iter().collect();
        totals.durations = self.other_durations;
        totals.durations.merge(&totals.apdex_durations);
        totals
    }
}

/// 5xx count as frustrated however long they lasted, and an abort says nothing about the wait.
pub(super) fn counts_for_apdex(status: u16) -> bool {
    status != 499 && !(500..600).contains(&status)
}
