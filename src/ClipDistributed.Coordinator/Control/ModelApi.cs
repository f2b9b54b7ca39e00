using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Coordinator.Questions;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Control;

/// <summary>The gRPC service for the models of runs.</summary>
internal sealed class ModelApi(ModelQuestions questions) : ModelService.ModelServiceBase
{
    public override Task<TryModelResponse> TryModel(TryModelRequest request, ServerCallContext context) =>
        questions.AskAsync(request, context.CancellationToken);
}
