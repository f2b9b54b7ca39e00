using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Vision;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;
using ClipDistributed.Model;
using ClipDistributed.Training.Checkpoints;
using ClipDistributed.Training.Gradients;
using ClipDistributed.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Training.Tests.Checkpoints;

/// <summary>A run directory with a small model whose weights and moments depend on the step they were saved at.</summary>
internal sealed class CheckpointRun : IDisposable
{
    private static readonly ModelConfig Config = new()
    {
        EmbedDim = 4,
        VisionCfg = new VisionConfig { ImageSize = 4, PatchSize = 2, Width = 4, Layers = 1, HeadWidth = 2 },
        TextCfg = new TextConfig { ContextLength = 4, VocabSize = 8, Width = 4, Heads = 2, Layers = 1 },
    };

    private readonly TemporaryFolder folder = new();
    private readonly GradientBuffer gradients;

    public CheckpointRun()
    {
        Directory = new RunDirectory(folder.Path);
        Store = new CheckpointStore(Directory);
        Model = new ClipModel(Config, CPU);
        gradients = new GradientBuffer(Model.Parameters);
        Optimizer = new AdamW(Specs.Optimizer(), Model.Parameters, gradients);
        File.WriteAllText(Directory.Tokenizer, "{\"tokens\": []}");
    }

    public RunDirectory Directory { get; }

    public CheckpointStore Store { get; }

    public ClipModel Model { get; }

    public IOptimizer Optimizer { get; }

    /// <summary>Trains nothing: fills weights and moments with random numbers of this attempt and step, and saves them.</summary>
    public string Save(int attempt, long step)
    {
        Fill(attempt, step);
        return Save(State(attempt, step), Optimizer);
    }

    /// <summary>Saves what the model and the optimizer hold.</summary>
    public string Save(CheckpointState state, IOptimizer optimizer, string? tokenizer = null, CancellationToken cancel = default)
    {
        using var copy = new StateCopy(Model, optimizer);
        copy.Take(Model, optimizer);
        return Store.Save(state, copy, new PreprocessConfig { Mean = [0.25, 0.5, 0.75] }, tokenizer ?? Directory.Tokenizer, cancel);
    }

    public void Fill(int attempt, long step)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var generator = new Generator((ulong)(1000 * attempt + step), CPU);
        foreach (var flat in Flats())
        {
            foreach (var slot in Model.Parameters.Slots)
                slot.View(flat).copy_(randn(slot.Shape.Shape, generator: generator));
        }
    }

    /// <summary>Parameters, then the optimizer's tensors.</summary>
    public IEnumerable<Tensor> Flats() => [Model.Parameters.Flat, .. Optimizer.State.Select(state => state.Value)];

    public static CheckpointState State(int attempt, long step) => new()
    {
        Attempt = attempt,
        Step = step,
        CleanStop = step % 20 == 0,
        ManifestDigest = "d1e2",
        Plan = new RunPlan(Rows: 100, GlobalBatch: 10, Streams: 2, ShuffleBlock: 7, Steps: 40, StepsPerEpoch: 10, LeftOver: 3),
        MicroBatch = 5,
        Spec = "name: größe\n",
    };

    /// <summary>Changes one bit in the middle of a file.</summary>
    public static void Damage(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        gradients.Dispose();
        Model.Dispose();
        folder.Dispose();
    }
}
