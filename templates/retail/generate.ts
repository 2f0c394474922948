// Synthetic products and order lines of a web shop, some sent back: made up, of nobody.
import { csv, dice, minute, probability } from "./synthetic.ts";

const { about, between, chance, one, whole } = dice(3);
const kinds = ["shoes", "dress", "shirt", "bag", "coat"] as const;
const sizes = ["S", "M", "L", "XL"] as const;

const products = Array.from({ length: 400 }, (_, index) => ({
  product: index + 1,
  kind: one(kinds),
  fit: about(0, 1),
  cost: between(8, 90),
}));

csv("data/products.csv", ["product", "kind", "fit", "cost"], () =>
  products.map(({ product, kind, fit, cost }) => [product, kind, Number(fit.toFixed(2)), Number(cost.toFixed(2))]),
);

csv("data/order_lines.csv", ["id", "customer", "product", "size", "quantity", "price", "discount", "ordered_at", "returned"], () =>
  Array.from({ length: 30_000 }, (_, index) => {
    const { product, kind, fit, cost } = products[whole(0, products.length - 1)] ?? { product: 1, kind: "shirt", fit: 0, cost: 20 };
    const discount = chance(0.3) ? Number(between(0.05, 0.5).toFixed(2)) : 0;
    const quantity = whole(1, 3);
    const score = -1.9 + 0.8 * Math.abs(fit) + (kind === "shoes" || kind === "dress" ? 0.8 : 0) + (quantity > 1 ? 0.9 : 0) - 1.5 * discount;
    const at = (index / 30_000) * 300 * 1440 + between(0, 10);
    return [
      index + 1,
      whole(1, 6000),
      product,
      one(sizes),
      quantity,
      Number((cost * 1.6 * (1 - discount)).toFixed(2)),
      chance(0.05) ? null : discount,
      minute(at),
      chance(probability(score)),
    ];
  }),
);
