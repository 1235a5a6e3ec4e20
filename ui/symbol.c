/* symbol: what stands for a character where Unicode cannot be shown. */
#include "ui/screen.h"

/* Lines and their joints, U+2500 to U+257F. */
static char
line_ascii (gunichar ch)
{
    switch (ch) {
    case 0x2500:
    case 0x2504:
    case 0x2574:
    case 0x2576:
        return '-';
    case 0x2501:
    case 0x2550:
    case 0x2578:
    case 0x257a:
        return '=';
    case 0x2502:
    case 0x2506:
    case 0x2575:
    case 0x2577:
        return ch == 0x2506 ? ':' : '|';
    case 0x2503:
    case 0x2551:
    case 0x2579:
    case 0x257b:
    case 0x2554:
    case 0x2557:
    case 0x255a:
    case 0x255d:
        return '#';
    default:
        return '+';
    }
}

char
symbol_ascii (gunichar ch)
{
    static const struct {
        gunichar ch;
        char ascii;
    } others[] = {
        { 0x25b8, '>' }, { 0x25c2, '<' }, { 0x25b4, '^' }, { 0x25be, 'v' }, { 0x25cf, '*' },
        { 0x25c6, 'o' }, { 0x25b6, '>' }, { 0x2016, '"' }, { 0x25a0, '#' }, { 0x2716, 'X' },
        { 0x21bb, 'r' }, { 0x21c4, 'm' }, { 0x00d7, 'x' }, { 0x2192, '>' }, { 0x2190, '<' }, { 0x2013, '-' },
        { 0x00b7, '.' }, { 0x2026, '~' }, { 0x00b5, 'u' }, { 0x2588, '#' }, { 0x2593, '%' },
        { 0x2592, ':' }, { 0x2591, '.' }, { 0x00a0, ' ' },
    };

    if (ch < 0x80)
        return (char)ch;
    if (ch >= 0x2500 && ch < 0x2580)
        return line_ascii (ch);
    if (ch >= 0x2581 && ch <= 0x2588)
        return "_.,-=+*#"[ch - 0x2581];
    for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
        if (others[i].ch == ch)
            return others[i].ascii;
    return '?';
}
