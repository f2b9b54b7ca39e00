using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Coordinator.Tests.Control.Callers;

/// <summary>One of the ways in which the control API is called.</summary>
internal interface IControlCaller : IDisposable
{
    /// <returns>The run's id.</returns>
    Task<string> SubmitAsync(TrainingSpec spec);

    /// <returns>Their ids.</returns>
    Task<IReadOnlyList<string>> JobsAsync();

    /// <returns>The ids of its runs.</returns>
    Task<IReadOnlyList<string>> RunsOfAsync(string jobId);

    /// <param name="state">As in <c>running</c>; null: all.</param>
    Task<IReadOnlyList<string>> RunsAsync(string? state = null);

    /// <returns>As in <c>running</c>.</returns>
    Task<string> StateAsync(string runId);

    /// <summary>Watches a run to its end.</summary>
    /// <returns>Its last state, as above.</returns>
    Task<string> WatchAsync(string runId);

    /// <returns>The mean loss of each point.</returns>
    Task<IReadOnlyList<double>> LossesAsync(string runId);

    /// <returns>The kinds of the sentences, as in <c>well</c>.</returns>
    Task<IReadOnlyList<string>> ExplainAsync(string runId);

    /// <returns>The lines of its replicas that warn.</returns>
    Task<IReadOnlyList<string>> LogsAsync(string runId);

    /// <returns>The names of its files.</returns>
    Task<IReadOnlyList<string>> ArtefactsAsync(string runId);

    /// <returns>A file as text.</returns>
    Task<string> ReadAsync(string runId, string artefact);

    Task SaveCheckpointAsync(string runId);

    /// <returns>Their steps, and whether they are pinned.</returns>
    Task<IReadOnlyList<(long Step, bool IsPinned)>> CheckpointsAsync(string runId);

    Task PinCheckpointAsync(string runId, long step, bool undo);

    Task DeleteCheckpointAsync(string runId, long step);

    Task RollBackAsync(string runId, long step);

    Task PauseAsync(string runId);

    Task ResumeAsync(string runId);

    Task ScaleAsync(string runId, int min, int max);

    Task StopAsync(string runId);

    Task CancelAsync(string runId);

    /// <returns>False: its loop has not ended yet.</returns>
    Task<bool> TryDeleteAsync(string runId);

    /// <returns>The names of hosts, and whether they are drained.</returns>
    Task<IReadOnlyList<(string Name, bool Drained)>> HostsAsync();

    /// <returns>Whether it is drained.</returns>
    Task<bool> IsDrainedAsync(string host);

    Task DrainAsync(string host, bool undo);

    /// <summary>Makes a token of a viewer.</summary>
    /// <returns>Its text.</returns>
    Task<string> CreateTokenAsync(string owner);

    /// <returns>Their owners and ids.</returns>
    Task<IReadOnlyList<(string Owner, string TokenId)>> TokensAsync();

    Task RevokeTokenAsync(string tokenId);

    /// <returns>The verbs and targets of the audit, newest first.</returns>
    Task<IReadOnlyList<(string Verb, string Target)>> AuditAsync(string target);

    /// <returns>A backup of the store, a file.</returns>
    Task<byte[]> BackUpAsync();

    /// <returns>The kind of the coordinator's store.</returns>
    Task<string> StoreAsync();
}
