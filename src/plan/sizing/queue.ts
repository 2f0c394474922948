/** Requests that come at random (Poisson) to servers of one queue. Rates are a second, times seconds. */
export interface Station {
  /** Requests a second. */
  readonly arrivals: number;
  /** Requests that one server answers in a second. */
  readonly rate: number;
  readonly servers: number;
  /** Squared coefficient of variation of the time of one request: 0 constant (M/D/c), 1 exponential (M/M/c). */
  readonly variation: number;
}

/** How long a request takes that waits for no other: a logarithmic normal distribution by its median and its 99th percentile. */
export interface Alone {
  readonly p50: number;
  readonly p99: number;
}

/**
 * The probability that a request has to wait, by Erlang's second formula with an offered load of `load` = arrivals / rate (A. K. Erlang 1917; L. Kleinrock,
 * Queueing Systems I, 1975, section 3.5), from the recurrence of the first: B(0) = 1, B(k) = load B(k-1) / (k + load B(k-1)), C = B / (1 - (load / servers) (1 - B)).
 * 1 where the servers cannot keep up.
 */
export function erlangC(servers: number, load: number): number {
  if (load >= servers) return 1;
  let blocked = 1;
  for (let count = 1; count <= servers; count++) blocked = (load * blocked) / (count + load * blocked);
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/**
 * Mean wait. Exact for M/M/c and, with one server, for M/G/1 (Pollaczek-Khinchine); else the approximation of Allen and Cunneen,
 * C / (servers rate - arrivals) x (1 + variation) / 2. Infinite where the servers cannot keep up.
 */
export function meanWait({ arrivals, rate, servers, variation }: Station): number {
  const free = servers * rate - arrivals;
  return free <= 0 ? Number.POSITIVE_INFINITY : (erlangC(servers, arrivals / rate) / free) * ((1 + variation) / 2);
}

/** The probability of waiting longer than `time`: C exp(-time 2 (servers rate - arrivals) / (1 + variation)); exact for M/M/c. */
export function waitsLonger(station: Station, time: number): number {
  const { arrivals, rate, servers, variation } = station;
  const free = servers * rate - arrivals;
  return free <= 0 ? 1 : erlangC(servers, arrivals / rate) * Math.exp((-2 * free * time) / (1 + variation));
}

const steps = 400;

/**
 * The time that a share of the requests keeps, waiting and being answered: the sum of a wait in a station and of a time alone. Solved by bisection; the
 * distribution of the time alone is taken at 400 equally likely points.
 */
export function answeredWithin(station: Station, alone: Alone, share: number): number {
  if (station.arrivals >= station.servers * station.rate) return Number.POSITIVE_INFINITY;
  const points = pointsOf(alone);
  const longer = (time: number): number =>
    points.reduce((sum, point) => sum + (time <= point ? 1 : waitsLonger(station, time - point)), 0) / points.length;
  let [low, high] = [0, alone.p99];
  while (longer(high) > 1 - share) [low, high] = [high, 2 * high];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (longer(middle) > 1 - share) low = middle;
    else high = middle;
  }
  return high;
}

/** Equally likely times of a request alone. */
export function pointsOf({ p50, p99 }: Alone, count: number = steps): readonly number[] {
  const deviation = Math.log(Math.max(1, p99 / p50)) / normalQuantile(0.99);
  return Array.from({ length: count }, (_, index) => p50 * Math.exp(deviation * normalQuantile((index + 0.5) / count)));
}

/** The quantile of the normal distribution by Abramowitz and Stegun 26.2.23: within 4.5e-4. */
export function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  const t = Math.sqrt(-2 * Math.log(share));
  return -(t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t));
}

/** The most arrivals at which a share of the requests is answered within a bound; 0 when even a request alone takes longer. */
export function mostArrivals(station: Omit<Station, "arrivals">, alone: Alone, share: number, bound: number): number {
  let [low, high] = [0, station.servers * station.rate];
  if (answeredWithin({ ...station, arrivals: 0 }, alone, share) > bound) return 0;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (answeredWithin({ ...station, arrivals: middle }, alone, share) <= bound) low = middle;
    else high = middle;
  }
  return low;
}
