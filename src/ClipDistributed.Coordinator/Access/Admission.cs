using ClipDistributed.Contracts.Control.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace ClipDistributed.Coordinator.Access;

/// <summary>A call that was let in: who makes it, and what it requires.</summary>
/// <param name="Ended">Its token is not valid any more.</param>
internal sealed record Admission(Principal Caller, CallRule Rule, CancellationToken Ended = default)
{
    /// <returns>Null: the call was not let in.</returns>
    public static Admission? Of(HttpContext context) => context.Features.Get<Admission>();

    /// <summary>Who makes a call.</summary>
    /// <exception cref="InvalidOperationException">It was not let in.</exception>
    public static Principal CallerOf(ServerCallContext context) =>
        Of(context.GetHttpContext())?.Caller ?? throw new InvalidOperationException($"{context.Method} was not let in.");

    /// <summary>A token that is limited to a run makes calls that name it.</summary>
    /// <param name="request">Null: it is a stream.</param>
    public bool IsInScope(object? request) =>
        Caller.RunId == ""
        || request is IMessage message
            && message.Descriptor.FindFieldByName("run_id") is { IsRepeated: false } field
            && Caller.RunId.Equals(field.Accessor.GetValue(message));
}
