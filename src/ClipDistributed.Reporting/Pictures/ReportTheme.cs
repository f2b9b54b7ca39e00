using SkiaSharp;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>Colours of pictures. Series colours stay apart for people with colour-blindness and reach 3:1 against the ground.</summary>
/// <param name="Name">"light" or "dark".</param>
/// <param name="Ground">Behind everything.</param>
/// <param name="Ink">Titles and values.</param>
/// <param name="Muted">Axes, ticks and secondary text.</param>
/// <param name="Line">Grid lines and borders.</param>
/// <param name="Alarm">Marks what is wrong.</param>
/// <param name="Series">Curves, in order.</param>
public sealed record ReportTheme(
    string Name,
    SKColor Ground,
    SKColor Ink,
    SKColor Muted,
    SKColor Line,
    SKColor Alarm,
    IReadOnlyList<SKColor> Series
)
{
    public static ReportTheme Light { get; } =
        new(
            "light",
            new(0xFFFFFFFF),
            new(0xFF1B2330),
            new(0xFF5F6B7C),
            new(0xFFE4E8EE),
            new(0xFFC9252D),
            [
                new(0xFF2463EB),
                new(0xFFD9660A),
                new(0xFF0B8A62),
                new(0xFF8A3FD1),
                new(0xFFB8336A),
                new(0xFF3D7A8C),
                new(0xFF7A6A00),
                new(0xFF5B6472),
            ]
        );

    public static ReportTheme Dark { get; } =
        new(
            "dark",
            new(0xFF171B22),
            new(0xFFE8EBF0),
            new(0xFF9AA6B6),
            new(0xFF2C343F),
            new(0xFFFF6B6B),
            [
                new(0xFF74A9FF),
                new(0xFFFFAA5C),
                new(0xFF4FD1A1),
                new(0xFFC59BFF),
                new(0xFFFF8FB8),
                new(0xFF7FC7D9),
                new(0xFFE3D26F),
                new(0xFFB7C0CC),
            ]
        );
}
