using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Hosts;

namespace ClipDistributed.Coordinator.Questions;

/// <summary>A question that a host answers just now.</summary>
/// <param name="Host">Its connection: on another one no answer follows.</param>
internal sealed record OpenQuestion(long Number, ConnectedHost Host)
{
    private readonly TaskCompletionSource<ModelAnswer?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null: the host was lost.</summary>
    public Task<ModelAnswer?> Answer => answer.Task;

    public void Complete(ModelAnswer? answered) => answer.TrySetResult(answered);
}
