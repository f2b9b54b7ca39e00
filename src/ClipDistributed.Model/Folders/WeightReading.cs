using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.HuggingFace;
using ClipDistributed.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Folders;

/// <summary>Fills a model from the weights of a folder, or names every tensor that does not fit and changes nothing.</summary>
internal static class WeightReading
{
    private const int MostErrors = 8; // weights of another model differ in all their tensors

    /// <param name="positions">Turns positions of another size into the model's; null: they must have its size.</param>
    /// <exception cref="BadInputException">A tensor is missing, too many, or of another shape.</exception>
    public static void Run(string folder, ModelFolderKind kind, ParameterSet parameters, PositionResize? positions)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        using var source = new WeightSource(folder, kind);
        var wanted = StoredTensor.Of(parameters, kind).ToList();
        Check(source, wanted, parameters, kind, positions);
        foreach (var stored in wanted)
        {
            using var tensors = NewDisposeScope();
            Tensor[] parts = [.. stored.Parts.Select(part => part.Transposed ? source.Load(part.Name).t() : source.Load(part.Name))];
            if (parts.Length == 1)
                stored.Value.copy_(parts[0].shape.SequenceEqual(stored.Value.shape) ? parts[0] : positions!.Apply(stored.Name, parts[0], stored.Value.shape[0]));
            else
                stored.Value.copy_(cat(parts, 0));
        }
        if (parameters.Statistics is { } statistics)
            statistics.Updates = source.Names.FirstOrDefault(StoredTensor.IsCounter) is { } counter ? source.Load(counter).to(ScalarType.Int64).item<long>() : 0;
    }

    private static void Check(WeightSource source, List<StoredTensor> wanted, ParameterSet parameters, ModelFolderKind kind, PositionResize? positions)
    {
        var errors = new List<string>();
        var known = new HashSet<string>(StoredTensor.CounterNames(parameters));
        foreach (var stored in wanted)
        {
            foreach (var part in stored.Parts)
            {
                known.Add(part.Name);
                if (source.Find(part.Name) is not { } entry)
                    errors.Add($"{source.Name}: tensor '{part.Name}' of shape [{string.Join(", ", part.Shape)}] is missing.");
                else if (!entry.Shape.SequenceEqual(part.Shape) && positions?.Takes(stored.Name, entry.Shape, part.Shape) != true)
                    errors.Add($"{source.Name}: tensor '{part.Name}' has the shape [{string.Join(", ", entry.Shape)}], the model [{string.Join(", ", part.Shape)}].");
            }
        }
        errors.AddRange(from name in source.Names
                        where !known.Contains(name) && !(kind == ModelFolderKind.HuggingFace && HuggingFaceNames.IsIdle(name))
                        select $"{source.Name}: tensor '{name}' does not belong to this model.");
        if (errors.Count > MostErrors)
            errors = [.. errors.Take(MostErrors), $"{source.Name}: {errors.Count - MostErrors} more tensors do not fit; are the weights those of the config beside them?"];
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
