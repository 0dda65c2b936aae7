//! How random steps are drawn.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::{
    AIMED_JOB, AIMED_WORKER, JobStep, ModeKind, ModeStep, Selector, Start, Step, WRONGS, WorkerStep,
};

const DAY: u32 = 24 * 60 * 60;

pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..=most)
}

pub(crate) fn modes() -> impl Strategy<Value = [ModeStep; 2]> {
    [mode(), mode()]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        // Mostly seconds; sometimes longer than a worker may be idle, and once in a while than a job may live.
        4 => prop_oneof![120 => 0_u32..6, 2 => 6 * DAY..8 * DAY, 1 => 89 * DAY..91 * DAY].prop_map(Step::Wait),
        2 => around_policies(),
        12 => around_workers(),
        10 => (0_u8..14, job()).prop_map(|(id, job)| Step::Job(id, job)),
        13 => around_offers(),
        23 => around_jobs(),
        2 => (0..WRONGS).prop_map(Step::Wrong),
    ]
}

fn around_policies() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..2, mode()).prop_map(|(policy, mode)| Step::Policy(policy, mode)),
        2 => (0_u8..2).prop_map(Step::DeletePolicy),
        3 => (0_u8..2, 0_u8..2).prop_map(|(queue, policy)| Step::Queue(queue, policy)),
        1 => (0_u8..2).prop_map(Step::DeleteQueue),
    ]
}

fn around_workers() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u8..5, worker()).prop_map(|(id, worker)| Step::Worker(id, worker)),
        5 => (0_u8..5, any::<bool>()).prop_map(|(id, available)| Step::Available(id, available)),
        1 => (0_u8..5).prop_map(Step::DeleteWorker),
    ]
}

fn around_offers() -> impl Strategy<Value = Step> {
    let retry = option::of(0_u8..6);
    prop_oneof![
        8 => (maybe_aimed_worker(), 0_u8..3).prop_map(|(worker, index)| Step::Accept(worker, index)),
        5 => (maybe_aimed_worker(), 0_u8..3, retry)
            .prop_map(|(worker, index, retry)| Step::Decline(worker, index, retry)),
    ]
}

fn around_jobs() -> impl Strategy<Value = Step> {
    let job = maybe_aimed_job;
    let later = prop_oneof![Just(0_u8), 0_u8..8];
    prop_oneof![
        6 => job().prop_map(Step::Complete),
        6 => (job(), later).prop_map(|(job, later)| Step::Close(job, later)),
        4 => (job(), any::<bool>()).prop_map(|(job, suspend)| Step::Unassign(job, suspend)),
        2 => (0_u8..14).prop_map(Step::Resume),
        2 => (0_u8..14).prop_map(Step::Cancel),
        2 => (0_u8..14).prop_map(Step::DeleteJob),
        1 => (0_u8..14).prop_map(Step::Remark),
    ]
}

fn maybe_aimed_worker() -> impl Strategy<Value = u8> {
    prop_oneof![1 => 0_u8..5, 2 => AIMED_WORKER..AIMED_WORKER + 10]
}

fn maybe_aimed_job() -> impl Strategy<Value = u8> {
    prop_oneof![1 => 0_u8..14, 3 => AIMED_JOB..AIMED_JOB + 14]
}

fn mode() -> impl Strategy<Value = ModeStep> {
    let kind = prop_oneof![
        Just(ModeKind::LongestIdle),
        Just(ModeKind::RoundRobin),
        Just(ModeKind::HighestScore),
        Just(ModeKind::LowestScore),
        Just(ModeKind::HighestByRule),
        Just(ModeKind::LowestByRule),
    ];
    let bypass = proptest::bool::weighted(0.2);
    (kind, 1_u8..4, bypass).prop_map(|(kind, offers_at_once, bypass)| ModeStep {
        kind,
        offers_at_once,
        bypass,
    })
}

fn worker() -> impl Strategy<Value = WorkerStep> {
    let channel = (0_u32..4, option::weighted(0.3, 1_usize..3));
    let channels = (channel.clone(), option::of(channel)).prop_map(|((cost, most), second)| {
        let mut channels = vec![(0, cost, most)];
        channels.extend(second.map(|(cost, most)| (1, cost, most)));
        channels
    });
    let queues = btree_set(0_u8..2, 0..3).prop_map(|queues| queues.into_iter().collect());
    let available = proptest::bool::weighted(0.8);
    let limit = option::weighted(0.2, 1_usize..3);
    (available, queues, 1_u32..5, channels, 0_u8..4, limit).prop_map(
        |(available, queues, capacity, channels, level, offers_at_once)| WorkerStep {
            age: 0,
            available,
            queues,
            capacity,
            channels,
            level,
            offers_at_once,
        },
    )
}

fn job() -> impl Strategy<Value = JobStep> {
    let selector = (
        0_u8..4,
        any::<bool>(),
        proptest::bool::weighted(0.3),
        option::of(1_u8..9),
    );
    let selector = selector.prop_map(|(level, exact, expedite, expires_after)| Selector {
        level,
        exact,
        expedite,
        expires_after,
    });
    let start = prop_oneof![
        2 => Just(Start::Match),
        1 => Just(Start::Suspend),
        1 => (0_u8..9).prop_map(Start::Schedule),
    ];
    let label = option::weighted(0.3, 0_u8..4);
    let start = option::weighted(0.2, start);
    (
        0_u8..2,
        0_u8..2,
        -1_i8..3,
        option::of(selector),
        label,
        start,
    )
        .prop_map(
            |(queue, channel, priority, selector, label, start)| JobStep {
                queue,
                channel,
                priority,
                selector,
                label,
                start,
            },
        )
}
