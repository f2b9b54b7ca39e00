namespace ClipDistributed.Data.Images;

/// <summary>Where a resize writes: three planes [3, height, width], and the offset of the result's first pixel in each.</summary>
internal readonly ref struct PlanarTarget(Span<byte> planes, int width, int height, int left = 0, int top = 0)
{
    private readonly Span<byte> planes = planes;

    /// <summary>The pixels from the result's left edge on, in one row of one plane.</summary>
    public Span<byte> Row(int plane, int row) => planes.Slice((plane * height + top + row) * width + left, width - left);
}
