using Microsoft.Extensions.Logging;

namespace ClipDistributed.Telemetry;

/// <summary>Where log events go.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Events of lower levels are left out. Libraries (ASP.NET, gRPC, databases) are heard from Warning on, one event of a kind in
    /// a minute.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>Lines on standard error.</summary>
    public bool Console { get; init; } = true;

    /// <summary>Those lines are JSON objects (compact log event format) for a log collector, instead of readable.</summary>
    public bool Json { get; init; }

    /// <summary>A file of one JSON object a line (compact log event format); null: none.</summary>
    public string? File { get; init; }

    /// <summary>Begins a new file each day and keeps the last 31.</summary>
    public bool Rolling { get; init; }

    /// <summary>By which repeated events of libraries are left out.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
