//! Capacity: what a worker's offers and assignments take, and whether there is room for one more.

use std::cmp::Ordering;

use crate::entities::{Channel, Worker};

/// What part of a worker's capacity is taken. May exceed one when the capacity was lowered (O11).
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadRatio {
    taken: i64,
    capacity: i32,
}

impl LoadRatio {
    pub(crate) const NONE: Self = Self {
        taken: 0,
        capacity: 1,
    };

    pub(crate) fn as_f64(self) -> f64 {
        // Costs are 32-bit and few enough that the sum is exact in a double.
        #[expect(
            clippy::cast_precision_loss,
            reason = "sums of a worker's costs stay far below 2^53"
        )]
        let taken = self.taken as f64;
        taken / f64::from(self.capacity)
    }
}

impl Ord for LoadRatio {
    /// Exact: ratios are compared as fractions.
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.taken) * i128::from(other.capacity);
        let right = i128::from(other.taken) * i128::from(self.capacity);
        left.cmp(&right)
    }
}

impl PartialOrd for LoadRatio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for LoadRatio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for LoadRatio {}

impl Worker {
    /// The load by assignments alone, which longest idle ranks by (R72).
    pub(crate) fn load(&self) -> LoadRatio {
        LoadRatio {
            taken: self.cost_of_assignments(),
            capacity: self.definition.capacity,
        }
    }

    /// The load as it is shown: open offers count too (R44).
    pub(crate) fn load_with_offers(&self) -> LoadRatio {
        LoadRatio {
            taken: self.cost_of_assignments() + self.cost_of_offers(),
            capacity: self.definition.capacity,
        }
    }

    /// What offers and assignments leave of its capacity.
    pub(crate) fn free_capacity(&self) -> i64 {
        i64::from(self.definition.capacity) - self.cost_of_assignments() - self.cost_of_offers()
    }

    /// The channels with a free slot (R45).
    pub(crate) fn free_channels(&self) -> impl Iterator<Item = &Channel> {
        let channels = self.definition.channels.iter();
        channels.filter(|channel| self.no_slot(channel).is_none())
    }

    /// Whether there is a free slot on the channel, or on any without one (R29).
    pub(crate) fn has_free_slot(&self, channel_id: Option<&str>) -> bool {
        let mut free = self.free_channels();
        free.any(|channel| channel_id.is_none_or(|id| *channel.channel_id == *id))
    }

    /// Whether it may be offered a job at all: registered, and with fewer open offers than its own limit.
    pub(crate) fn takes_offers(&self) -> bool {
        self.not_active().is_none() && self.offer_limit().is_none()
    }

    /// How many jobs it has on a channel, offers included.
    pub(crate) fn jobs_on(&self, channel_id: &str) -> usize {
        let offered = self.offers.iter().map(|offer| &offer.channel_id);
        let assigned = self
            .assignments
            .iter()
            .map(|assignment| &assignment.channel_id);
        let on_channel = offered.chain(assigned).filter(|id| ***id == *channel_id);
        on_channel.count()
    }

    fn cost_of_assignments(&self) -> i64 {
        let costs = self
            .assignments
            .iter()
            .map(|assignment| assignment.capacity_cost);
        costs.map(i64::from).sum()
    }

    fn cost_of_offers(&self) -> i64 {
        self.offers
            .iter()
            .map(|offer| i64::from(offer.capacity_cost))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(taken: i64, capacity: i32) -> LoadRatio {
        LoadRatio { taken, capacity }
    }

    // R72
    #[test]
    fn loads_compare_as_fractions() {
        assert!(ratio(1, 3) < ratio(1, 2));
        assert_eq!(ratio(1, 2), ratio(2, 4));
        assert!(ratio(5, 4) > ratio(i64::from(i32::MAX) - 1, i32::MAX));
        assert_eq!(ratio(0, 1), ratio(0, 100));
    }

    // R44
    #[test]
    fn a_full_worker_reports_one() {
        assert!((ratio(100, 100).as_f64() - 1.0).abs() < f64::EPSILON);
    }
}
