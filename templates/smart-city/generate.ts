// Synthetic counts of a city's junctions and the weather beside them: made up.
import { csv, dice, jsonLines, minute, probability } from "./synthetic.ts";

const { about, chance } = dice(5);
const districts = ["north", "east", "south", "west"] as const;
const junctions = Array.from({ length: 60 }, (_, index) => ({
  junction: index + 1,
  lanes: 2 + (index % 4),
  district: districts[index % 4] ?? "north",
  busy: about(0, 0.6),
}));
const quarters = 45 * 96;

const rain = Array.from({ length: 45 * 24 + 1 }, (_, hour) => Math.max(0, about(Math.sin(hour / 37) - 0.4, 0.5)));

csv("data/junctions.csv", ["junction", "lanes", "district"], () =>
  junctions.map(({ junction, lanes, district }) => [junction, lanes, district]),
);
jsonLines("data/weather.jsonl", () =>
  rain.flatMap((millimetres, hour) =>
    districts.map((district) => ({
      hour: minute(hour * 60),
      district,
      rain: Number(Math.max(0, millimetres + about(0, 0.05)).toFixed(2)),
      temperature: Number(about(9, 5).toFixed(1)),
    })),
  ),
);
csv("data/counts.csv", ["id", "junction", "counted_at", "vehicles", "speed", "congested"], () =>
  Array.from({ length: quarters }, (_, quarter) => quarter)
    .filter((quarter) => quarter % 2 === 0)
    .flatMap((quarter) =>
      junctions
        .filter(({ junction }) => (junction + quarter) % 6 === 0)
        .map(({ junction, lanes, busy }) => {
          const hour = (quarter / 4) % 24;
          const rush = Math.exp(-((hour - 8) ** 2) / 5) + Math.exp(-((hour - 17.5) ** 2) / 7);
          const wet = rain[Math.floor(quarter / 4)] ?? 0;
          const vehicles = Math.max(0, Math.round(about(lanes * (18 + 60 * rush), 9)));
          const score = -4.2 + 3.4 * rush + 1.1 * wet + busy + (vehicles / lanes - 40) / 30;
          const congested = chance(probability(score));
          const speed = Math.max(3, about(congested ? 14 : 38, 6));
          return [
            quarter * 100 + junction,
            junction,
            minute(quarter * 15),
            vehicles,
            chance(0.03) ? null : Number(speed.toFixed(1)),
            congested,
          ];
        }),
    ),
);
