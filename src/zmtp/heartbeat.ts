// Heartbeats (RFC 37; ZMQ_HEARTBEAT_IVL, _TIMEOUT, _TTL): when to send a PING,
// and when a silent peer is given up. While reading is paused by us the silence
// is ours, so nothing is held against the peer.

/** Milliseconds of the three options, as they take effect. */
export interface HeartbeatSettings {
  /** Between PINGs; 0 sends none. */
  readonly interval: number;
  /** Allowed after a PING without a sign of life; 0 for ever. */
  readonly timeout: number;
  /** What the peer is told to allow us; 0 says nothing. */
  readonly timeToLive: number;
}

const NEVER = Infinity;
/** A PING counts its time to live in tenths of a second. */
const TTL_UNIT = 100;
/** libzmq multiplies the TTL in 16 bits: a larger one makes it hang up at once. */
const LARGEST_TTL = 655;

export class Heartbeat {
  readonly #settings: HeartbeatSettings;
  #nextPing = NEVER;
  #silenceEnds = NEVER;
  #lifeEnds = NEVER;
  #paused = false;

  constructor(settings: HeartbeatSettings) {
    this.#settings = settings;
  }

  /** When something is due. */
  get deadline(): number {
    return Math.min(this.#nextPing, this.#silenceEnds, this.#lifeEnds);
  }

  /** What a PING says, in tenths of a second. */
  get ttl(): number {
    return Math.min(
      Math.trunc(this.#settings.timeToLive / TTL_UNIT),
      LARGEST_TTL,
    );
  }

  /** The handshake is over. */
  begin(now: number): void {
    if (this.#settings.interval > 0) {
      this.#nextPing = now + this.#settings.interval;
    }
  }

  /** The peer has shown that it lives. */
  heard(): void {
    this.#silenceEnds = NEVER;
    this.#lifeEnds = NEVER;
  }

  /** The peer sent a PING that allows us this long, in tenths of a second. */
  pinged(ttl: number, now: number): void {
    if (ttl > 0 && !this.#paused) this.#lifeEnds = now + ttl * TTL_UNIT;
  }

  /** We stop reading. */
  pause(): void {
    this.#paused = true;
    this.heard();
  }

  /** We read on. */
  resume(): void {
    this.#paused = false;
  }

  /** Whether the peer was silent for too long. */
  expired(now: number): boolean {
    return now >= this.#silenceEnds || now >= this.#lifeEnds;
  }

  /** Whether a PING is due; counts as sent. */
  takePing(now: number): boolean {
    if (now < this.#nextPing) return false;
    const { interval, timeout } = this.#settings;
    this.#nextPing = now + interval;
    if (timeout > 0 && this.#silenceEnds === NEVER && !this.#paused) {
      this.#silenceEnds = now + timeout;
    }
    return true;
  }
}
