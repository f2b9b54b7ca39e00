using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Coordinators;

/// <summary>A model that finds each caption to fit one image.</summary>
internal sealed class ScriptedModels : ModelService.ModelServiceBase
{
    public override Task<TryModelResponse> TryModel(TryModelRequest request, ServerCallContext context) => Task.FromResult(
        new TryModelResponse
        {
            Attempt = 1,
            Step = 40,
            Host = "a",
            Seconds = 0.5,
            Rankings =
            {
                request.Captions.Select(caption => new Ranking
                {
                    Caption = caption,
                    Answers = { new RankedAnswer { Text = $"a {caption}", Image = 3, Cosine = 0.25, Probability = 0.75 } },
                }),
            },
        });
}
