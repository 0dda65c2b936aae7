//! The engines with a clock, a timer and listeners: everything stateful of an emulator, without HTTP.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use acs_identity_engine::{TokenError, VerifiedUser};
use acs_router_engine::{Answer, Command, Effect, Engine, Refusal};
use acs_types::Timestamp;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::clock::{Clock, ClockError, ClockState, EventPattern, RoutingTime};
use crate::conversations::{Conversations, Moment};
use crate::events::{Event, EventFeed, EventStream};
use crate::rate_limits::{Counted, RateLimits};

/// The longest single wait of the timer. The computer's clock can jump (sleep, correction), so the timer looks again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// One lock around everything that a command may touch, so that commands, time and events have one order.
#[derive(Debug)]
pub(crate) struct Shell {
    core: Mutex<Core>,
    deadline_changed: Notify,
}

#[derive(Debug)]
struct Core {
    engine: Engine,
    conversations: Conversations,
    time: RoutingTime,
    feed: EventFeed,
    effects: UnboundedSender<Effect>,
    rate_limits: Option<RateLimits>,
}

impl Shell {
    /// Gives also the effects of what will happen, for [`rule_calls`](crate::rule_calls) to carry out.
    pub(crate) fn new(
        seed: u64,
        clock: Clock,
        access_key: &str,
    ) -> (Self, UnboundedReceiver<Effect>) {
        let (effects, receiver) = unbounded_channel();
        let shell = Self {
            core: Mutex::new(Core {
                engine: Engine::new(seed),
                conversations: Conversations::new(seed, access_key),
                time: RoutingTime::new(clock),
                feed: EventFeed::default(),
                effects,
                rate_limits: None,
            }),
            deadline_changed: Notify::new(),
        };
        (shell, receiver)
    }

    /// Carries out a command at the present time and sends out what happened.
    pub(crate) fn apply(&self, command: Command) -> Result<Answer, Refusal> {
        self.change(|core| core.apply(command))
    }

    /// Looks at the state after every deadline that is due has been dealt with.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Engine) -> T) -> T {
        self.change(|core| {
            core.fire_due();
            look(&core.engine)
        })
    }

    /// Changes or looks at users and their conversations at the present time and sends out what happened.
    pub(crate) fn converse<T>(&self, action: impl FnOnce(&mut Conversations, Moment) -> T) -> T {
        self.change(|core| {
            core.fire_due();
            let moment = core.moment();
            let result = action(&mut core.conversations, moment);
            core.feed.publish(core.conversations.take_events());
            result
        })
    }

    /// Finds out who bears a user access token.
    pub(crate) fn verify_user(&self, token: &str) -> Result<VerifiedUser, TokenError> {
        let mut core = self.lock();
        let moment = core.moment();
        core.conversations.verify_user(token, moment)
    }

    /// Counts a call against the limits, if they are on. Too many give the time until the next one is let in.
    pub(crate) fn count(&self, call: Counted<'_>) -> Result<(), Duration> {
        let mut core = self.lock();
        let now = core.time.now();
        match &mut core.rate_limits {
            Some(limits) => limits.count(now, call),
            None => Ok(()),
        }
    }

    /// Switches the limits on.
    pub(crate) fn limit_rates(&self) {
        self.lock().rate_limits = Some(RateLimits::default());
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.lock().time.now()
    }

    /// What the clock shows once every deadline that is due has been dealt with.
    pub(crate) fn clock_state(&self) -> ClockState {
        self.change(|core| {
            core.fire_due();
            core.clock_state()
        })
    }

    /// Changes the clock and fires what has become due, before anyone else sees the new time.
    pub(crate) fn change_clock<T>(&self, change: impl FnOnce(&mut RoutingTime) -> T) -> T {
        self.move_time(|core| {
            let result = change(&mut core.time);
            core.fire_due();
            result
        })
    }

    /// Moves the clock to the next deadline.
    pub(crate) fn jump(&self) -> Option<Timestamp> {
        self.move_time(|core| {
            core.fire_due();
            let deadline = core.next_deadline()?;
            core.fire_at(deadline);
            Some(deadline)
        })
    }

    /// Moves the clock from deadline to deadline until an event fits or `within` has passed.
    pub(crate) fn run_until(
        &self,
        wanted: &EventPattern,
        within: Duration,
    ) -> Result<Option<Event>, ClockError> {
        self.move_time(|core| {
            let limit = core.time.after(within)?;
            while let Some(deadline) = core.next_deadline().filter(|next| *next <= limit) {
                let events = core.fire_at(deadline);
                if let Some(event) = events.into_iter().find(|event| wanted.fits(event)) {
                    return Ok(Some(event));
                }
            }
            core.time.jump(limit);
            core.fire_due();
            Ok(None)
        })
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        self.lock().feed.subscribe()
    }

    pub(crate) fn close_streams(&self) {
        self.lock().feed.close();
    }

    /// Fires deadlines as the clock reaches them; never returns.
    pub(crate) async fn run_timer(self: Arc<Self>) {
        loop {
            let wait = self.change(|core| {
                core.fire_due();
                core.wait_for_deadline()
            });
            // A change in between is not missed: it leaves a permit that ends the wait at once.
            let changed = self.deadline_changed.notified();
            match wait {
                Some(wait) => drop(tokio::time::timeout(wait.min(LONGEST_WAIT), changed).await),
                None => changed.await,
            }
        }
    }

    /// Runs `action` under the lock and wakes the timer when the next deadline is another one afterwards.
    fn change<T>(&self, action: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.lock();
        let before = core.next_deadline();
        let result = action(&mut core);
        if core.next_deadline() != before {
            self.deadline_changed.notify_one();
        }
        result
    }

    /// Runs `action` under the lock and wakes the timer: how long it waits may have changed with the clock.
    fn move_time<T>(&self, action: impl FnOnce(&mut Core) -> T) -> T {
        let result = action(&mut self.lock());
        self.deadline_changed.notify_one();
        result
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        // A panic in the engine is a bug of ours that has been reported on stderr by then. Going on lets its state be
        // looked at, which is worth more than every later request failing as well.
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    fn apply(&mut self, command: Command) -> Result<Answer, Refusal> {
        let now = self.time.now();
        let outcome = self.engine.apply(now, command);
        self.send_out(outcome.effects);
        self.feed.publish(outcome.events);
        outcome.answer
    }

    fn send_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            // Nobody receives when the emulator stops; then nobody waits for the effect either.
            drop(self.effects.send(effect));
        }
    }

    fn moment(&mut self) -> Moment {
        Moment {
            now: self.time.now(),
            for_tokens: self.time.for_tokens(),
            outside: SystemTime::now().into(),
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let deadlines = [
            self.engine.next_deadline(),
            self.conversations.next_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    fn fire_due(&mut self) {
        let now = self.time.now();
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.tick(now);
        }
    }

    /// Moves the clock to a deadline and fires it, with what follows from it at the same instant.
    fn fire_at(&mut self, deadline: Timestamp) -> Vec<Event> {
        self.time.jump(deadline);
        // Not the clock's own answer: a clock that runs has passed the deadline by then, and perhaps another one.
        self.tick(deadline)
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Event> {
        let routing = self.engine.apply(now, Command::Tick);
        self.send_out(routing.effects);
        let conversing = self.conversations.tick(now);
        let mut events: Vec<Event> = routing.events.into_iter().map(Event::from).collect();
        events.extend(conversing.into_iter().map(Event::from));
        // Each engine tells its own in order; over both, time decides.
        events.sort_by_key(|event| event.time);
        self.feed.publish(events.clone());
        events
    }

    fn clock_state(&mut self) -> ClockState {
        ClockState {
            now: self.time.now(),
            paused: self.time.is_paused(),
            next_deadline: self.next_deadline(),
        }
    }

    fn wait_for_deadline(&mut self) -> Option<Duration> {
        let deadline = self.next_deadline()?;
        self.time.wait_until(deadline)
    }
}
