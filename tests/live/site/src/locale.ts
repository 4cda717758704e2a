/** The locale that a URL's first segment asks for; null if the site has no such locale. */
export function localeOf(segment: string | undefined): { locale: string; prefix: string } | null {
	if (segment === undefined) return { locale: "en", prefix: "" };
	return segment === "de" ? { locale: "de", prefix: "/de" } : null;
}
