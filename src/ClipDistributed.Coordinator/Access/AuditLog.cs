using System.Threading.Channels;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Connections;
using ClipDistributed.Coordinator.Leading;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Access;

/// <summary>
/// Who has changed what, and who was refused: to the log at once, and to the store a moment later. No call waits for that. While the
/// store is unavailable a bounded number is kept, and the log alone has more. Thread-safe.
/// </summary>
internal sealed partial class AuditLog(
    RunStore store, Leadership leadership, CoordinatorOptions options, TimeProvider time, ILogger<AuditLog> logger) : BackgroundService
{
    private const int MaxWaiting = 10_000; // of changes; of these places known callers that are refused get half, strangers three quarters
    private const int MaxBatch = 500, MaxText = 200;

    private readonly AuditStore entries = new(store, options.Limits.AuditEntries);
    private readonly StoreRetry retry = new(store, time, logger);
    private readonly LogGate lostLines = new(time);
    private readonly LogGate refusedLines = new(time, lines: 60);
    private readonly Channel<AuditRow> waiting = Channel.CreateBounded<AuditRow>(MaxWaiting);
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }); // something is to be written
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly List<AuditRow> batch = []; // read, not yet written; under writing

    /// <summary>Never blocks.</summary>
    /// <param name="verb">As in <c>StopRun</c>.</param>
    /// <param name="target">Of what it was about; empty: it is not known.</param>
    /// <param name="values">That it gave, each of bounded length; empty: none.</param>
    public void Add(Principal caller, string verb, string target, StatusCode result, string values = "")
    {
        bool isRefused = caller.Owner == "" || result != StatusCode.OK;
        var row = new AuditRow
        {
            Time = time.GetUtcNow().UtcDateTime, IsRefused = isRefused, Owner = caller.Owner, TokenId = caller.TokenId,
            Role = $"{caller.Role}", Address = caller.Address, Verb = verb, Target = Shown(target), Result = Name(result),
            Values = TokenMask.Apply(values),
        };
        string given = row.Values == "" ? "" : $" ({row.Values})";
        if (!isRefused)
            LogChange(
                caller.Owner, caller.TokenId == "" ? "none" : caller.TokenId, caller.Address, verb, row.Target, given, row.Result);
        else if (refusedLines.TryPass(out long others))
            LogRefused(caller.Owner == "" ? "A caller without a valid token" : caller.Owner, caller.Address, verb, row.Target, given,
                row.Result, LogGate.LeftOut(others));
        int places = !isRefused ? MaxWaiting : caller.Owner == "" ? MaxWaiting * 3 / 4 : MaxWaiting / 2;
        if (waiting.Reader.Count < places && waiting.Writer.TryWrite(row))
            wake.Writer.TryWrite(true);
        else if (lostLines.TryPass(out long before))
            LogLost(LogGate.LeftOut(before));
    }

    /// <inheritdoc cref="AuditStore.ListAsync"/>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(
        AuditFilter filter, bool isDescending, long? after, int count, CancellationToken cancel)
    {
        await WriteAsync(cancel); // what was added before the question
        return await entries.ListAsync(filter, isDescending, after, count, cancel);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is OperationCanceledException or TermOverException || store.IsUnavailable(failed))
        {
            LogNotSaved(batch.Count + waiting.Reader.Count, StoreSchema.Reason(failed));
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        writing.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (bool _ in wake.Reader.ReadAllAsync(stoppingToken))
                await retry.TryAsync("The audit cannot be saved", () => WriteAsync(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync saves the rest.
        }
        catch (TermOverException followed)
        {
            leadership.Lose(followed.Message);
        }
    }

    private async Task WriteAsync(CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            do
            {
                while (batch.Count < MaxBatch && waiting.Reader.TryRead(out var row))
                    batch.Add(row);
                if (batch.Count > 0)
                    await entries.AddAsync(batch);
                batch.Clear();
            }
            while (waiting.Reader.Count > 0);
        }
        finally
        {
            if (batch.Count > 0) // it failed in a call that lists; without this the next try would be the next entry's
                wake.Writer.TryWrite(true);
            writing.Release();
        }
    }

    private static string Shown(string given)
    {
        string text = ControlText.Escape(TokenMask.Apply(given));
        return text.Length <= MaxText ? text : text[..MaxText];
    }

    /// <summary>As in <c>PERMISSION_DENIED</c>.</summary>
    private static string Name(StatusCode code) => code == StatusCode.OK ? "OK"
        : string.Concat($"{code}".Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));

    [LoggerMessage(Level = LogLevel.Information, EventName = "Audited",
        Message = "{Owner}, by token {TokenId} from {Address}: {Verb} {Target}{Values}: {Result}.")]
    private partial void LogChange(
        string owner, string tokenId, string address, string verb, string target, string values, string result);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "CallerRefused",
        Message = "{Owner}, from {Address}, was refused: {Verb} {Target}{Values}: {Result}{LeftOut}.")]
    private partial void LogRefused(
        string owner, string address, string verb, string target, string values, string result, string leftOut);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "AuditLost",
        Message = "The store has been unavailable for so long that this log alone has an entry of the audit{LeftOut}.")]
    private partial void LogLost(string leftOut);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "AuditNotSaved",
        Message = "{Count} entries of the audit could not be saved at the end ({Reason}); this log alone has them.")]
    private partial void LogNotSaved(int count, string reason);
}
