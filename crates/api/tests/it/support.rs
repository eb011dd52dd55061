//! The API over a store in memory, or over mocks of its ports.

use actix_web::{
    App,
    http::header::HeaderMap,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use dispatcher_api::{Api, BuildInfo, configure, meter_requests, route_names};
use dispatcher_app::{
    CheckHealth, CheckReadiness, CollectMetrics, Decide, Drain, DrainSwitch, Enqueue, Inspect,
    MetricsPorts, Operate, SentMessages, StoreReady, SystemClock, SystemEntropy, Wake,
};
use dispatcher_domain::{
    ClaimRequest, ClaimResult, ClaimedMessage, Completion, DispatchPolicy, Effect, InstanceName,
    MessageId, MessageLimits, ProviderMessageId, ProviderSignal, SendOutcome, Status,
    ports::{
        DeliveryCache, DispatchControl, Entropy, MessageArchive, MessageControl, MessageRepo,
        MockDeliveryCache, MockDispatchControl, MockMessageArchive, MockMessageControl,
        MockMessageRepo, MockQueueStats, QueueStats, StoreError,
    },
};
use dispatcher_memory::{MemoryDeliveryCache, MemoryStore};
use dispatcher_prometheus::{MeterConfig, PrometheusMeter};
use jiff::Timestamp;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;

/// The time of every store here.
pub(crate) const NOW: &str = "2026-10-02T10:00:00.123456Z";

/// How long the provider remembers a key.
const KEY_WINDOW: Duration = Duration::from_secs(86_400);

/// What the API stands on.
pub(crate) struct Ports {
    pub(crate) messages: Arc<dyn MessageRepo>,
    pub(crate) control: Arc<dyn DispatchControl>,
    pub(crate) operators: Arc<dyn MessageControl>,
    pub(crate) archive: Arc<dyn MessageArchive>,
    pub(crate) stats: Arc<dyn QueueStats>,
    pub(crate) cache: Arc<dyn DeliveryCache>,
    /// The longest that a stop waits.
    pub(crate) send_deadline: Duration,
}

impl Ports {
    /// `store`, and an empty cache.
    pub(crate) fn over(store: &MemoryStore) -> Self {
        Self {
            messages: Arc::new(store.clone()),
            control: Arc::new(store.clone()),
            operators: Arc::new(store.clone()),
            archive: Arc::new(store.clone()),
            stats: Arc::new(store.clone()),
            cache: Arc::new(MemoryDeliveryCache::default()),
            send_deadline: Duration::ZERO,
        }
    }

    /// Mocks that expect no call.
    pub(crate) fn uncalled() -> Self {
        Self {
            messages: Arc::new(MockMessageRepo::new()),
            control: Arc::new(MockDispatchControl::new()),
            operators: Arc::new(MockMessageControl::new()),
            archive: Arc::new(MockMessageArchive::new()),
            stats: Arc::new(MockQueueStats::new()),
            cache: Arc::new(MockDeliveryCache::new()),
            send_deadline: Duration::ZERO,
        }
    }

    pub(crate) fn server(self) -> Server {
        let (switch, drain) = Drain::new();
        let ready = StoreReady::default();
        Server { api: web::Data::new(self.api(drain, ready.clone())), switch, ready }
    }

    fn api(self, drain: Drain, ready: StoreReady) -> Api {
        let Self { messages, control, operators, archive, stats, cache, send_deadline } = self;
        let clock = Arc::new(SystemClock::new());
        let (limits, wake) = (MessageLimits::default(), Wake::default());
        let build = BuildInfo {
            version: "1.2.3".into(),
            build_time: "2026-01-02T03:04:05Z".into(),
            git_commit: "0123abc".into(),
        };
        let config = MeterConfig {
            version: build.version.clone(),
            commit: build.git_commit.clone(),
            routes: route_names().to_vec(),
        };
        let meter = Arc::new(PrometheusMeter::new(&config).expect("a meter"));
        let metrics = MetricsPorts {
            control: control.clone(),
            stats,
            cache: cache.clone(),
            pools: vec![],
            text: meter.clone(),
            clock: clock.clone(),
        };
        let policy = DispatchPolicy::default();
        Api {
            enqueue: Arc::new(Enqueue::new(messages, clock.clone(), limits, wake.clone())),
            inspect: Arc::new(Inspect::new(archive.clone())),
            sent_messages: Arc::new(SentMessages::new(archive, cache.clone(), clock.clone())),
            decide: Arc::new(Decide::new(operators, KEY_WINDOW, wake.clone())),
            operate: Arc::new(Operate::new(control.clone(), clock.clone(), send_deadline, wake)),
            readiness: Arc::new(CheckReadiness::new(control.clone(), clock.clone(), ready, drain)),
            metrics: Arc::new(CollectMetrics::new(metrics, policy)),
            meter,
            clock: clock.clone(),
            health: Arc::new(CheckHealth::new(control, cache, clock, policy)),
            build,
            runtime: Handle::current(),
        }
    }
}

/// The application, asked without a network.
pub(crate) struct Server {
    pub(crate) api: web::Data<Api>,
    /// Ends the process, as far as the API sees it.
    pub(crate) switch: DrainSwitch,
    /// Not marked yet.
    pub(crate) ready: StoreReady,
}

/// All of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Server {
    /// Over an empty store in memory.
    pub(crate) fn new() -> Self {
        Ports::over(&store()).server()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path)).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.call(TestRequest::post().uri(path)).await
    }

    /// POSTs JSON, as it stands, to the queue.
    pub(crate) async fn enqueue(&self, body: impl Into<String>) -> Answer {
        let request = TestRequest::post().uri("/api/messages");
        let request = request.insert_header(("Content-Type", "application/json"));
        self.call(request.set_payload(body.into())).await
    }

    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        let routes = |app: &mut web::ServiceConfig| configure(app, self.api.clone());
        let app = init_service(App::new().configure(routes).wrap(from_fn(meter_requests))).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await;
        Answer { status, headers, body: String::from_utf8(body.into()).expect("UTF-8") }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("visible characters"))
    }

    /// Status, content type and body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, content_type: &str, body: &str) {
        let told = (self.status, self.header("content-type"), self.body.as_str());
        assert_eq!(told, (status, Some(content_type), body));
    }
}

/// An empty store.
pub(crate) fn store() -> MemoryStore {
    MemoryStore::new(|| NOW.parse::<Timestamp>().expect("a time"))
}

/// Stores a message that was sent, as a program of the predecessor would.
pub(crate) fn insert_sent(store: &MemoryStore, content: &str, provider_id: Option<&str>) {
    let id = store.insert_unchecked("+905551234567", content);
    let sent = store.edit(id, |row| {
        row.status = Status::Sent;
        row.provider_message_id = provider_id.map(str::to_owned);
    });
    sent.expect("the row");
}

/// STARTs the next message.
pub(crate) async fn start(store: &MemoryStore) -> ClaimedMessage {
    let request = ClaimRequest {
        want: 1,
        token: SystemEntropy.lease_token(),
        lease: Duration::from_secs(60),
        instance: InstanceName::new("replica-1"),
        limits: MessageLimits::default(),
    };
    let claim = store.claim_due(&request).await.expect("a store in memory does not fail");
    let ClaimResult::Started(mut started) = claim.result else { panic!("{claim:?}") };
    started.remove(0)
}

/// Records that the provider accepted `message` as `id`.
pub(crate) async fn accept(store: &MemoryStore, message: &ClaimedMessage, id: &str) {
    let provider_message_id = ProviderMessageId::parse(id);
    let outcome = SendOutcome::Accepted {
        provider_message_id: provider_message_id.clone(),
        http_status: 200,
    };
    let effect = Effect::Sent { provider_message_id };
    let completion = Completion { outcome, effect, signal: ProviderSignal::Alive };
    let recorded = store.record_outcome(message.id, &message.lease, &completion).await;
    recorded.expect("a store in memory does not fail");
}

/// The id of the first message of a store.
pub(crate) const FIRST: MessageId = MessageId(1);

/// What a store says that is down. The cause is for the log only.
pub(crate) fn down() -> StoreError {
    StoreError::Unavailable("password of db.internal is hush".into())
}

/// What a store says when the answer to its COMMIT was lost.
pub(crate) fn unconfirmed() -> StoreError {
    StoreError::Unconfirmed("password of db.internal is hush".into())
}

/// What a store says that is not what it should be.
pub(crate) fn unexpected() -> StoreError {
    StoreError::Unexpected("password of db.internal is hush".into())
}
