// Synthetic accounts and card payments, some of them fraud: made up, of nobody.
import { csv, dice, minute, probability } from "./synthetic.ts";

const { about, between, chance, one, whole } = dice(2);
const countries = ["DE", "FR", "NL", "US", "BR"] as const;
const shops = ["groceries", "travel", "electronics", "gambling", "clothes"] as const;

const accounts = Array.from({ length: 2000 }, (_, index) => ({
  account: index + 1,
  opened: whole(-3000, -1) * 1440,
  home: one(countries),
  limit: one([1000, 2500, 5000, 10_000]),
}));

csv("data/accounts.csv", ["account", "opened_at", "home", "credit_limit"], () =>
  accounts.map(({ account, opened, home, limit }) => [account, minute(opened), home, limit]),
);

csv("data/payments.csv", ["id", "account", "shop", "country", "amount", "online", "paid_at", "fraud"], () =>
  Array.from({ length: 40_000 }, (_, index) => {
    const { account, home, limit } = accounts[whole(0, accounts.length - 1)] ?? { account: 1, home: "DE", limit: 1000 };
    const online = chance(0.45);
    const abroad = chance(0.12);
    const shop = one(shops);
    const amount = Math.max(1, Math.exp(about(3.2, 1.1)));
    const score =
      -5.4 + (abroad ? 1.8 : 0) + (online ? 0.8 : 0) + (shop === "gambling" ? 1.3 : 0) + 2.2 * Math.min(1, amount / limit) + amount / 400;
    const at = (index / 40_000) * 180 * 1440 + between(0, 6);
    const country = abroad ? one(countries) : home;
    return [index + 1, account, shop, country, Number(amount.toFixed(2)), online, minute(at), chance(probability(score))];
  }),
);
