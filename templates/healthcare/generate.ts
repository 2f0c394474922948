// Synthetic stays in a hospital and the readings of bedside monitors: made up, of nobody.
import { csv, dice, jsonLines, minute, probability } from "./synthetic.ts";

const wards = ["surgery", "cardiology", "oncology", "geriatrics"] as const;
const { about, between, chance, one, whole } = dice(1);
const year = 365 * 1440;

const stays = Array.from({ length: 12_000 }, (_, index) => {
  const age = Math.min(99, Math.max(18, Math.round(about(62, 17))));
  const earlier = Math.max(0, Math.round(about(age / 40, 1.2)));
  const days = Math.max(1, Math.round(about(4 + age / 25, 2.5)));
  const lab = about(50 + age / 5, 12);
  const admitted = (index / 12_000) * year + between(0, 600);
  const emergency = chance(0.4);
  const risk = -4.6 + age / 45 + 0.55 * earlier + (emergency ? 0.7 : 0) + (lab - 60) / 22 + (days > 8 ? 0.5 : 0);
  return {
    id: index + 1,
    patient: whole(1, 5000),
    ward: one(wards),
    age,
    days,
    earlier,
    emergency,
    lab: chance(0.06) ? null : Number(lab.toFixed(1)),
    left: admitted + days * 1440,
    returned: chance(probability(risk)),
    pulse: 70 + risk * 3,
  };
});

csv("data/stays.csv", ["id", "patient", "ward", "age", "days", "earlier_stays", "emergency", "lab_score", "left_at", "returned"], () =>
  stays.map((stay) => [
    stay.id,
    stay.patient,
    stay.ward,
    stay.age,
    stay.days,
    stay.earlier,
    stay.emergency,
    stay.lab,
    minute(stay.left),
    stay.returned,
  ]),
);
jsonLines("data/vitals.jsonl", () =>
  stays.flatMap(({ patient, left, pulse }) =>
    [1800, 900, 120].map((before) => ({
      patient,
      taken_at: minute(left - before),
      heart_rate: Math.round(about(pulse, 8)),
      oxygen: Number(Math.min(100, about(96, 1.8)).toFixed(1)),
    })),
  ),
);
