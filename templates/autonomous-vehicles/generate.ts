// Synthetic moments of test drives, some of which ended with the driver taking over: made up, of nobody.
import { csv, dice, jsonLines, minute, probability } from "./synthetic.ts";

const { about, between, chance, one, whole } = dice(4);
const roads = ["motorway", "rural", "urban", "tunnel"] as const;
const weathers = ["dry", "rain", "fog", "snow"] as const;

const moments = Array.from({ length: 30_000 }, (_, index) => {
  const road = one(roads);
  const weather = chance(0.7) ? "dry" : one(weathers);
  const speed = Math.max(0, about(road === "motorway" ? 31 : road === "rural" ? 22 : 11, 4));
  const points = Math.max(200, Math.round(about(weather === "dry" ? 9000 : 5200, 1200)));
  const objects = Math.max(0, Math.round(about(road === "urban" ? 14 : 4, 3)));
  const at = (index / 30_000) * 120 * 1440 + between(0, 3);
  const jerk = Math.abs(about(0.4, 0.5));
  const score = -5.6 + (weather === "dry" ? 0 : 1.2) + objects / 9 + (9000 - points) / 3500 + jerk + (road === "tunnel" ? 0.9 : 0);
  return { id: index + 1, vehicle: whole(1, 40), road, weather, speed, points, objects, jerk, at, takeover: chance(probability(score)) };
});

csv("data/moments.csv", ["id", "vehicle", "road", "weather", "speed", "lidar_points", "objects", "jerk", "at", "takeover"], () =>
  moments.map((m) => [
    m.id,
    m.vehicle,
    m.road,
    m.weather,
    Number(m.speed.toFixed(1)),
    chance(0.02) ? null : m.points,
    m.objects,
    Number(m.jerk.toFixed(2)),
    minute(m.at),
    m.takeover,
  ]),
);
jsonLines("data/brakes.jsonl", () =>
  moments.flatMap(({ vehicle, at, jerk }) =>
    jerk > 0.8 ? [{ vehicle, braked_at: minute(at - 5), strength: Number((jerk * 3).toFixed(2)) }] : [],
  ),
);
