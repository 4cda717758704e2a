import type { APIRoute } from "astro";
import { getEmDashCollection } from "emdash";

const escaped = (text: unknown) =>
	String(text ?? "").replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

export const GET: APIRoute = async ({ url }) => {
	const { entries } = await getEmDashCollection("posts", {
		locale: "en",
		orderBy: { published_at: "desc" },
		limit: 50,
	});
	const items = entries.map(
		({ id, data }) =>
			`<item><title>${escaped(data.title)}</title><link>${url.origin}/posts/${id}</link>` +
			`<pubDate>${data.publishedAt?.toUTCString()}</pubDate>` +
			`<description>${escaped(data.excerpt)}</description></item>`,
	);
	return new Response(
		`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Live test</title>` +
			`<link>${url.origin}/</link><description>Live test</description>${items.join("")}</channel></rss>`,
		{ headers: { "Content-Type": "application/rss+xml; charset=utf-8" } },
	);
};
