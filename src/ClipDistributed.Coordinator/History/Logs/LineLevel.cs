using System.Text.RegularExpressions;
using static ClipDistributed.Contracts.Control.V1.LogEntry.Types;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>The level of a line of another program, as far as the line shows it.</summary>
internal static partial class LineLevel
{
    /// <summary>Of .NET, of libstdc++.</summary>
    private static readonly string[] Last = ["Unhandled exception", "terminate called"];

    /// <param name="before">Of the line before: one that is indented belongs to it, as in a stack.</param>
    public static Level Of(string text, Level before)
    {
        if (text.Length > 0 && char.IsWhiteSpace(text[0]))
            return before;
        if (Last.Any(words => text.StartsWith(words, StringComparison.Ordinal)))
            return Level.Fatal;
        if (Ours().Match(text) is { Success: true } ours)
            return OfWord(ours.Groups[1].Value);
        if (Nccl().Match(text) is { Success: true } nccl)
            return OfWord(nccl.Groups[1].Value);
        return Torch().Match(text) is { Success: true } torch ? OfWord(torch.Groups[1].Value) : Level.Unspecified;
    }

    private static Level OfWord(string word) => word switch
    {
        "TRC" or "TRACE" => Level.Trace,
        "DBG" => Level.Debug,
        "INF" or "INFO" or "I" or "V" => Level.Info,
        "WRN" or "WARN" or "W" => Level.Warning,
        "ERR" or "ERROR" or "E" => Level.Error,
        "FTL" or "F" or "C" => Level.Fatal,
        _ => Level.Unspecified,
    };

    /// <summary>As in <c>2026-01-31T08:15:30.125Z WRN …</c>.</summary>
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ (TRC|DBG|INF|WRN|ERR|FTL) ")]
    private static partial Regex Ours();

    /// <summary>As in <c>host:41:41 [0] NCCL WARN …</c>.</summary>
    [GeneratedRegex(@"\bNCCL (TRACE|INFO|WARN|ERROR)\b")]
    private static partial Regex Nccl();

    /// <summary>As in <c>[W1130 12:00:00.000 socket.cpp:464] …</c> of libtorch.</summary>
    [GeneratedRegex(@"^\[([IWEFVC])(?:\d| |:)")]
    private static partial Regex Torch();
}
