//! The engines with a clock, a timer and listeners: everything stateful of an emulator, without HTTP.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use acs_identity_engine::{TokenError, VerifiedUser};
use acs_router_engine::{Answer, Command, Effect, Engine, Refusal};
use acs_types::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};

use crate::clock::{Clock, ClockError, ClockState, EventPattern, RoutingTime};
use crate::conversations::{Conversations, Moment};
use crate::events::{Event, EventFeed, EventStream, Subscription};
use crate::rate_limits::{Counted, RateLimits};

/// The longest single wait of the timer. The computer's clock can jump (sleep, correction), so the timer looks again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// One lock around everything that a command may touch, so that commands, time and events have one order.
#[derive(Debug)]
pub(crate) struct Shell {
    core: Mutex<Core>,
    deadline_changed: Notify,
    /// Told of every change of how the clock runs.
    clock_moved: watch::Sender<()>,
    subscriptions: Mutex<Vec<Arc<Subscription>>>,
}

#[derive(Debug)]
struct Core {
    engine: Engine,
    conversations: Conversations,
    time: RoutingTime,
    feed: EventFeed,
    effects: UnboundedSender<Effect>,
    rate_limits: Option<RateLimits>,
    calls_under_way: watch::Sender<usize>,
}

/// A search for an event among those that happen from now on.
struct Search<'w> {
    wanted: &'w EventPattern,
    events: EventStream,
}

impl Search<'_> {
    fn find(&mut self) -> Option<Event> {
        while let Some(event) = self.events.try_next() {
            if self.wanted.fits(&event) {
                return Some(event);
            }
        }
        None
    }
}

/// Why the clock has stopped on its way.
enum Stop {
    Found(Box<Event>),
    CallsUnderWay,
    Arrived,
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
                calls_under_way: watch::Sender::new(0),
            }),
            deadline_changed: Notify::new(),
            clock_moved: watch::Sender::new(()),
            subscriptions: Mutex::default(),
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
            let now = core.fire_due();
            let moment = core.moment(now);
            let result = action(&mut core.conversations, moment);
            core.feed.publish(core.conversations.take_events());
            result
        })
    }

    /// Finds out who bears a user access token.
    pub(crate) fn verify_user(&self, token: &str) -> Result<VerifiedUser, TokenError> {
        let mut core = self.lock();
        let now = core.time.for_tokens();
        core.conversations.verify_user(token, now)
    }

    /// Counts a call against the limits, if they are on. Too many give the time until the next one is let in.
    pub(crate) fn count(&self, call: Counted<'_>) -> Result<(), Duration> {
        let Core {
            rate_limits, time, ..
        } = &mut *self.lock();
        match rate_limits {
            Some(limits) => limits.count(time.now(), call),
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

    /// Changes how the clock runs.
    pub(crate) fn change_clock(&self, change: impl FnOnce(&mut RoutingTime)) {
        self.move_time(|core| change(&mut core.time));
    }

    /// Moves the clock to the instant that `choose` names, as [`travel`](Self::travel) does.
    pub(crate) async fn move_to(
        &self,
        choose: impl FnOnce(&mut RoutingTime) -> Result<Timestamp, ClockError>,
        wanted: Option<&EventPattern>,
    ) -> Result<Option<Event>, ClockError> {
        let to = choose(&mut self.lock().time)?;
        Ok(self.travel(to, wanted).await)
    }

    /// Moves the clock to the next deadline.
    pub(crate) async fn jump(&self) -> Option<Timestamp> {
        self.calls_answered().await;
        let deadline = self.clock_state().next_deadline?;
        self.travel(deadline, None).await;
        Some(deadline)
    }

    /// Moves the clock from deadline to deadline until an event fits, at most to an instant.
    ///
    /// Nobody else gets a turn in between, unless a rule has to be called: its answer is waited for before the clock
    /// moves on, and before this returns.
    async fn travel(&self, to: Timestamp, wanted: Option<&EventPattern>) -> Option<Event> {
        let mut search = wanted.map(|wanted| Search {
            wanted,
            events: self.subscribe(),
        });
        loop {
            self.calls_answered().await;
            match self.move_time(|core| core.travel(to, search.as_mut())) {
                Stop::Found(event) => return Some(*event),
                Stop::CallsUnderWay => {}
                Stop::Arrived => return None,
            }
        }
    }

    async fn calls_answered(&self) {
        let mut under_way = self.lock().calls_under_way.subscribe();
        // The sender lives as long as this shell.
        drop(under_way.wait_for(|calls| *calls == 0).await);
    }

    /// Told of each call of a rule when its answer has been applied, or there will be none.
    pub(crate) fn call_ended(&self) {
        let core = self.lock();
        core.calls_under_way
            .send_modify(|calls| *calls = calls.saturating_sub(1));
    }

    /// Waits until the clock shows an instant, by itself or because it was moved.
    pub(crate) async fn reached(&self, at: Timestamp) {
        let mut moved = self.clock_moved.subscribe();
        loop {
            let wait = {
                let mut core = self.lock();
                if core.time.now() >= at {
                    return;
                }
                core.time.wait_until(at)
            };
            match wait {
                Some(wait) => {
                    drop(tokio::time::timeout(wait.min(LONGEST_WAIT), moved.changed()).await);
                }
                // The sender lives as long as this shell.
                None => drop(moved.changed().await),
            }
        }
    }

    /// Lets the emulator's own routes show a receiver of events.
    pub(crate) fn register(&self, subscription: Arc<Subscription>) {
        self.lock_subscriptions().push(subscription);
    }

    pub(crate) fn subscriptions(&self) -> Vec<Arc<Subscription>> {
        self.lock_subscriptions().clone()
    }

    fn lock_subscriptions(&self) -> MutexGuard<'_, Vec<Arc<Subscription>>> {
        // Nothing panics while it holds the lock.
        let subscriptions = self.subscriptions.lock();
        subscriptions.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        self.lock().feed.subscribe()
    }

    /// Ends all streams, and all waits for calls: nobody carries them out any more.
    pub(crate) fn close(&self) {
        let mut core = self.lock();
        core.feed.close();
        core.calls_under_way.send_replace(0);
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
        self.clock_moved.send_replace(());
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
            if self.effects.send(effect).is_ok() {
                self.calls_under_way.send_modify(|calls| *calls += 1);
            }
        }
    }

    fn moment(&self, now: Timestamp) -> Moment {
        Moment {
            now,
            for_tokens: self.time.for_tokens(),
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let deadlines = [
            self.engine.next_deadline(),
            self.conversations.next_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Deals with every deadline that is due now.
    fn fire_due(&mut self) -> Timestamp {
        let now = self.time.now();
        if self.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.tick(now);
        }
        now
    }

    fn travel(&mut self, to: Timestamp, mut search: Option<&mut Search<'_>>) -> Stop {
        loop {
            if let Some(event) = search.as_mut().and_then(|search| search.find()) {
                return Stop::Found(Box::new(event));
            }
            if *self.calls_under_way.borrow() > 0 {
                return Stop::CallsUnderWay;
            }
            let Some(deadline) = self.next_deadline().filter(|next| *next <= to) else {
                self.time.jump(to);
                self.fire_due();
                return Stop::Arrived;
            };
            self.time.jump(deadline);
            // At the deadline itself: a clock that runs has passed it by then, and perhaps another one.
            self.tick(deadline);
        }
    }

    fn tick(&mut self, now: Timestamp) {
        let routing = self.engine.apply(now, Command::Tick);
        self.send_out(routing.effects);
        let conversing = self.conversations.tick(now);
        let mut events: Vec<Event> = routing.events.into_iter().map(Event::from).collect();
        events.extend(conversing.into_iter().map(Event::from));
        // Each engine tells its own in order; over both, time decides.
        events.sort_by_key(|event| event.time);
        self.feed.publish(events);
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
