using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Control.Lists;

namespace ClipDistributed.Coordinator.History.Logs;

/// <summary>Which lines are wanted.</summary>
internal sealed class LogQuery
{
    public const int DefaultLines = 1_000, MaxLines = 10_000;

    private readonly ReadLogsRequest request;

    private LogQuery(ReadLogsRequest request) => this.request = request;

    /// <summary>Of those that there are; of those that come, all.</summary>
    public int Lines => request.Lines == 0 ? DefaultLines : request.Lines;

    public bool Follows => request.Follow;

    public DateTimeOffset? Since => request.Since?.ToDateTimeOffset();

    /// <summary>Null: of all replicas.</summary>
    public string? ReplicaId => request.ReplicaId == "" ? null : request.ReplicaId;

    /// <exception cref="BadInputException">There can be no such lines.</exception>
    public static LogQuery Of(ReadLogsRequest request)
    {
        var errors = new List<InputError>();
        if (request is { HasRank: true, Rank: < 0 })
            errors.Add(new InputError("rank", $"rank is {request.Rank}; use 0 or more."));
        if (request.AfterSequence < 0)
            errors.Add(new InputError("after_sequence", $"after_sequence is {request.AfterSequence}; use 0 (all lines) or more."));
        if (request.BeforeSequence < 0)
            errors.Add(new InputError("before_sequence", $"before_sequence is {request.BeforeSequence}; use 0 (all lines) or more."));
        if (request is { BeforeSequence: > 0, Follow: true })
            errors.Add(new InputError("before_sequence", "before_sequence ends where follow would go on; leave out one of them."));
        if (request.Lines is < 0 or > MaxLines)
            errors.Add(new InputError("lines", $"lines is {request.Lines}; use 0 ({DefaultLines}) to {MaxLines}."));
        if (!Enum.IsDefined(request.Level))
            errors.Add(new InputError("level", $"level is {(int)request.Level}; use trace, debug, info, warning, error or fatal."));
        TimeRange.Read(request.Since, "since", errors);
        return errors.Count > 0 ? throw new BadInputException(errors) : new LogQuery(request);
    }

    public bool Takes(LogEntry entry) =>
        entry.Sequence > request.AfterSequence
        && (request.BeforeSequence == 0 || entry.Sequence < request.BeforeSequence)
        && entry.Level >= request.Level
        && (request.Host == "" || entry.Host == request.Host)
        && (!request.HasRank || entry.HasRank && entry.Rank == request.Rank)
        && (ReplicaId is null || entry.ReplicaId == ReplicaId)
        && (request.Since is null || entry.Time is { } time && time.CompareTo(request.Since) >= 0)
        && (request.Text == "" || entry.Text.Contains(request.Text, StringComparison.OrdinalIgnoreCase));
}
