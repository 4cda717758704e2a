import node from "@astrojs/node";
import react from "@astrojs/react";
import { defineConfig } from "astro/config";
import emdash, { local } from "emdash/astro";
import { sqlite } from "emdash/db";

// The build serves ./site.db of the folder that it is started in; the tests give the development server its path.
const database = process.env.LIVE_DATABASE ?? "./site.db";
const uploads = process.env.LIVE_UPLOADS ?? "./uploads";

// EmDash's admin asks for this font, and its own provider would download it.
const systemFont = {
	provider: { name: "system", resolveFont: () => ({ fonts: [] }) },
	name: "System",
	cssVariable: "--font-emdash",
};

export default defineConfig({
	output: "server",
	fonts: [systemFont],
	adapter: node({ mode: "standalone" }),
	devToolbar: { enabled: false },
	i18n: { locales: ["en", "de"], defaultLocale: "en" },
	integrations: [
		react(),
		emdash({
			database: sqlite({ url: `file:${database}` }),
			storage: local({ directory: uploads, baseUrl: "/_emdash/api/media/file" }),
			fonts: false,
		}),
	],
});
