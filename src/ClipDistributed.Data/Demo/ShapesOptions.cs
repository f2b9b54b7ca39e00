using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Demo;

/// <summary>What demo data to render.</summary>
/// <param name="Train">Training scenes, 1 to 10,000,000.</param>
/// <param name="Validation">Validation scenes; half show classes that training shows, half classes that it never shows.</param>
/// <param name="Size">Side of the images in pixels, 16 to 512.</param>
/// <param name="Seed">Decides every scene.</param>
public sealed record ShapesOptions(int Train = 24_000, int Validation = 2_000, int Size = 64, ulong Seed = 1)
{
    private const int MaxScenes = 10_000_000;

    /// <summary>Enough that each class appears in the validation scenes.</summary>
    public static int MinValidation { get; } = 2 * Math.Max(ShapesVocabulary.Seen.Count, ShapesVocabulary.Unseen.Count);

    /// <summary>Validation scenes of classes that training never shows.</summary>
    public int UnseenScenes => Validation / 2;

    /// <summary>Validation scenes of classes that training shows.</summary>
    public int SeenScenes => Validation - UnseenScenes;

    /// <exception cref="BadInputException">A value is out of range; all such values are named.</exception>
    public void Check()
    {
        var errors = new List<string>();
        if (Train is < 1 or > MaxScenes)
            errors.Add($"--train is {Train}; use 1 to {MaxScenes}.");
        if (Validation < MinValidation || Validation > MaxScenes)
            errors.Add($"--validation is {Validation}; use {MinValidation} (so that every class appears) to {MaxScenes}.");
        if (Size is < 16 or > 512)
            errors.Add($"--size is {Size}; use 16 to 512 pixels.");
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
