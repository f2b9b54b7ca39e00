using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Models;

/// <summary>
/// How many rows pass through the towers at once. A model with batch normalisation depends on it: it never comes from a host.
/// </summary>
public static class MicroBatchSize
{
    /// <summary>The most that auto takes on processors.</summary>
    public const int MaxOnProcessors = 256;

    /// <summary>The most that auto takes on a GPU. A share that is not larger passes through the towers once instead of twice: this is
    /// the share of one of eight replicas in a batch of 32,768.</summary>
    public const int MaxOnGpu = 4096;

    private const int AutoWithBatchNorm = 32, MinWithBatchNorm = 8;

    /// <param name="globalBatch">B.</param>
    /// <param name="asked">batch.micro; null: auto.</param>
    /// <param name="most">The most that auto takes.</param>
    /// <param name="fits">
    /// Whether so many rows fit into memory; null: they do. The largest that fits is taken, the smallest where none does.
    /// </param>
    /// <exception cref="BadInputException">Batch statistics could not be those of equal micro-batches.</exception>
    public static int Resolve(ModelConfig model, int globalBatch, int? asked, int most = MaxOnProcessors, Func<int, bool>? fits = null)
    {
        if (model.HasBatchNorm)
            return WithBatchNorm(globalBatch, asked);
        if (asked is { } size)
            return Math.Min(globalBatch, size);
        int largest = Math.Min(globalBatch, most);
        return Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(rows => rows < largest).Append(largest)
            .LastOrDefault(rows => fits?.Invoke(rows) ?? true, 1);
    }

    private static int WithBatchNorm(int globalBatch, int? asked)
    {
        if (asked is { } size)
        {
            return globalBatch % size == 0
                ? size
                : throw new BadInputException(
                    $"batch.micro is {size}, which does not divide the global batch {globalBatch}; with batch "
                        + "normalisation every micro-batch must have the same size, choose a divisor."
                );
        }
        int largest = Enumerable.Range(1, Math.Min(globalBatch, AutoWithBatchNorm)).Last(candidate => globalBatch % candidate == 0);
        return largest >= MinWithBatchNorm
            ? largest
            : throw new BadInputException(
                $"batch.global is {globalBatch}, which no micro-batch of {MinWithBatchNorm} to "
                    + $"{AutoWithBatchNorm} rows divides; batch normalisation needs one, choose another batch.global (a multiple of 32) or "
                    + "set batch.micro."
            );
    }
}
