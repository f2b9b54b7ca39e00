using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Weights;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>Fills a model from files of weights, or names every tensor that does not fit and changes nothing.</summary>
internal sealed class WeightReading : IDisposable
{
    private const int MaxErrors = 8; // weights of another model differ in all their tensors

    private readonly WeightSource source;
    private readonly IReadOnlyList<StoredTensor> wanted;
    private readonly PositionResize? positions;
    private readonly string? logitBias;

    private WeightReading(WeightSource source, ModelDeclaration model, IReadOnlyList<StoredTensor> wanted, PositionResize? positions)
    {
        (this.source, this.wanted, this.positions) = (source, wanted, positions);
        logitBias = model.LogitBias?.Name;
    }

    /// <summary>Compares the files' tensors with the model that a config describes, of which nothing needs to exist.</summary>
    /// <param name="resizes">Whether positions of another size are turned into the model's; else they must have its size.</param>
    /// <param name="biasMayMiss">
    /// A model for the sigmoid loss may begin from one for the softmax loss: its logit_bias is 0 then, as in OpenCLIP.
    /// </param>
    /// <exception cref="BadInputException">A tensor is missing, too many, or of another shape.</exception>
    public static WeightReading Open(WeightFiles files, ModelConfig config, bool resizes, bool biasMayMiss = false)
    {
        var source = new WeightSource(files);
        try
        {
            // The list of what is wanted may be long: a config is not to be trusted.
            int blocks = config.VisionCfg.Form.Blocks, textBlocks = config.TextCfg.Layers;
            if (Math.Max(blocks, textBlocks) > source.Names.Count)
            {
                throw new BadInputException(
                    $"{source.Name} holds {Counted.Plain(source.Names.Count, "tensor")}, too few for towers of "
                        + $"{blocks} and {textBlocks} blocks; are the weights those of the config beside them?"
                );
            }
            var model = ModelDeclaration.Of(config);
            string? missing = biasMayMiss && model.LogitBias is { } bias && source.Find(bias.Name) is null ? bias.Name : null;
            var wanted = StoredTensor.Of(model, source.Kind).Where(stored => stored.Name != missing);
            var reading = new WeightReading(source, model, [.. wanted], resizes ? new PositionResize(model) : null);
            reading.Check(model);
            return reading;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Which positions were resized.</summary>
    public IReadOnlyList<string> Notices => positions?.Notices ?? [];

    /// <summary>Whether the model has a bias of logits that is not among the weights.</summary>
    public bool MissesBias => logitBias is not null && source.Find(logitBias) is null;

    public void Fill(ParameterSet parameters)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        foreach (var stored in wanted)
        {
            using var tensors = NewDisposeScope();
            var target = stored.ValueIn(parameters);
            Tensor[] parts = [.. stored.Parts.Select(part => part.Transposed ? source.Load(part.Name).t() : source.Load(part.Name))];
            if (parts.Length > 1)
                target.copy_(cat(parts, 0));
            else if (parts[0].shape.SequenceEqual(stored.Shape) || stored.Shape.Length == 0)
                target.copy_(parts[0].reshape(stored.Shape));
            else
                target.copy_(positions!.Apply(stored.Name, parts[0], stored.Shape[0]));
        }
        if (MissesBias)
            parameters[logitBias!].zero_();
        if (parameters.Statistics is { } statistics)
            statistics.Updates = source.Names.FirstOrDefault(StoredTensor.IsCounter) is { } counter && source.Find(counter)!.Count == 1
                ? source.Load(counter).to(ScalarType.Int64).item<long>()
                : 0;
    }

    public void Dispose() => source.Dispose();

    private void Check(ModelDeclaration model)
    {
        var errors = new List<string>();
        var known = new HashSet<string>(StoredTensor.CounterNames(model));
        foreach (var stored in wanted)
        {
            foreach (var part in stored.Parts)
            {
                known.Add(part.Name);
                if (source.Find(part.Name) is not { } entry)
                    errors.Add($"{source.Name}: tensor '{part.Name}' of shape [{string.Join(", ", part.Shape)}] is missing.");
                else if (!Fits(stored, part.Shape, entry))
                    errors.Add(
                        $"{source.Name}: tensor '{part.Name}' has the shape [{string.Join(", ", entry.Shape)}], the model "
                            + $"[{string.Join(", ", part.Shape)}]."
                    );
            }
        }
        errors.AddRange(source.Names.Where(name => !known.Contains(name) && !WeightNames.IsIdle(name))
            .Select(name => $"{source.Name}: tensor '{name}' does not belong to this model."));
        if (errors.Count > MaxErrors)
        {
            errors =
            [
                .. errors.Take(MaxErrors),
                $"{source.Name}: {Counted.Plain(errors.Count - MaxErrors, "more tensor")} do not fit; "
                    + "are the weights those of the config beside them?",
            ];
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }

    /// <summary>
    /// The same shape, one number instead of a scalar (as older OpenCLIP stores logit_scale), or positions that can be resized.
    /// </summary>
    private bool Fits(StoredTensor stored, long[] shape, WeightEntry entry) =>
        entry.Shape.SequenceEqual(shape) || shape.Length == 0 && entry.Shape is [1] || positions?.Takes(stored.Name, entry, shape) == true;
}
