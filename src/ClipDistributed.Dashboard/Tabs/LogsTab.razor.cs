using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.History;
using ClipDistributed.Telemetry;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class LogsTab
{
    private static readonly IReadOnlyList<string> Levels = ["debug", "info", "warning", "error", "fatal"];

    private static readonly IReadOnlyList<(string Key, string Name, TimeSpan Age)> Ages =
    [
        ("5m", "5 minutes ago", TimeSpan.FromMinutes(5)),
        ("1h", "1 hour ago", TimeSpan.FromHours(1)),
        ("24h", "24 hours ago", TimeSpan.FromHours(24)),
    ];

    /// <summary>Between two renders: lines may come faster than anyone reads.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400), Again = TimeSpan.FromSeconds(2);

    private LogFilter? filter;
    private LogLines lines = new();
    private IReadOnlyList<LogEntry> shown = [];
    private CancellationTokenSource reading = new(); // ends when other lines are wanted
    private CallProblem? problem;
    private bool isRead, isOpen;

    [Parameter, EditorRequired]
    public Run Run { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "level")]
    private string? LevelName { get; set; }

    [SupplyParameterFromQuery]
    private string? Host { get; set; }

    [SupplyParameterFromQuery]
    private int? Rank { get; set; }

    [SupplyParameterFromQuery]
    private string? Since { get; set; }

    [SupplyParameterFromQuery]
    private long? Before { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private IEnumerable<string> Hosts =>
        Run.Replicas.Select(one => one.Host).Concat(lines.All.Select(line => line.Host)).Append(Host ?? "")
            .Where(host => host != "").Distinct().Order(StringComparer.Ordinal).Take(1_000);

    private bool IsFiltered => filter is not null && filter with { Before = 0 } != LogFilter.All;

    protected override async Task OnParametersSetAsync()
    {
        var wanted = new LogFilter(
            Host ?? "", Rank is >= 0 ? Rank : null, Level(LevelName), Text ?? "",
            Ages.FirstOrDefault(age => age.Key == Since) is { Key: not null } since ? since.Age : null, Math.Max(0, Before ?? 0));
        if (wanted == filter)
            return;
        await reading.CancelAsync();
        reading.Dispose();
        reading = CancellationTokenSource.CreateLinkedTokenSource(Left);
        (filter, lines, shown, problem, isRead) = (wanted, new LogLines(), [], null, false);
        var cancel = reading.Token;
        if (!RendererInfo.IsInteractive)
        {
            await TryReadAsync(wanted with { Before = wanted.Follows ? long.MaxValue : wanted.Before }, lines, cancel); // what there is now
            Show(lines);
            return;
        }
        var into = lines;
        Begin(_ => FollowAsync(wanted, into, cancel));
        Begin(_ => DrawAsync(into, cancel));
    }

    private static LogEntry.Types.Level Level(string? name) =>
        name is not null && Levels.Contains(name) && Enum.TryParse<LogEntry.Types.Level>(name, ignoreCase: true, out var level)
            ? level : default;

    private static string Name(LogEntry.Types.Level level) => level.ToString().ToLowerInvariant();

    private static string Short(LogEntry.Types.Level level) => level switch
    {
        LogEntry.Types.Level.Unspecified => "",
        LogEntry.Types.Level.Warning => "warn",
        _ => Name(level),
    };

    private static string Origin(LogEntry line) => line.HasRank ? $"rank {line.Rank}" : Printable.Line(line.ReplicaId);

    /// <summary>A call that breaks is made again after its last line.</summary>
    private async Task FollowAsync(LogFilter wanted, LogLines into, CancellationToken cancel)
    {
        try
        {
            while (!await TryReadAsync(wanted, into, cancel) && problem is not { IsFinal: true })
                await Task.Delay(Again, Clock, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Other lines are wanted, or the page is gone.
        }
    }

    /// <returns>False: it is to be tried again.</returns>
    private async Task<bool> TryReadAsync(LogFilter wanted, LogLines into, CancellationToken cancel)
    {
        try
        {
            var history = await Calls.HistoryAsync();
            var request = wanted.ToRequest(Run.RunId, Clock.GetUtcNow());
            request.AfterSequence = into.All is [.., var last] ? last.Sequence : 0;
            using var call = history.ReadLogs(request, cancellationToken: cancel);
            (problem, isOpen) = (null, true);
            await foreach (var response in call.ResponseStream.ReadAllAsync(cancel))
                into.Add(response.Entry);
            return true;
        }
        catch (RpcException failed) when (!cancel.IsCancellationRequested)
        {
            problem = CallProblem.Of(failed);
            return false;
        }
        catch (RpcException)
        {
            return true; // other lines are wanted, or the page is gone
        }
        finally
        {
            (isOpen, isRead) = (false, true);
        }
    }

    private async Task DrawAsync(LogLines from, CancellationToken cancel)
    {
        try
        {
            var (drawn, wasOpen) = (-1L, false);
            for (int turn = 0; ; turn++)
            {
                if (drawn != from.Version || wasOpen != isOpen || turn == 2)
                {
                    (drawn, wasOpen) = (from.Version, isOpen);
                    isRead |= turn >= 2; // what there is comes at once
                    await InvokeAsync(() => Show(from));
                }
                await Task.Delay(Pause, Clock, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Other lines are wanted, or the page is gone.
        }
    }

    private void Show(LogLines from)
    {
        if (from != lines)
            return;
        shown = from.All;
        StateHasChanged();
    }

    private string Page(long? before) => Navigation.GetUriWithQueryParameter("before", before);

    private void Go(string name, ChangeEventArgs change) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
        {
            [name] = change.Value is string { Length: > 0 } value ? value : null, ["before"] = null,
        }));
}
