using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ClipDistributed.Coordinator.Store;

/// <summary>The tables of a coordinator.</summary>
internal sealed class CoordinatorDb(DbContextOptions<CoordinatorDb> options) : DbContext(options)
{
    /// <summary>Of the tables; a file of another version is refused.</summary>
    public const int Version = 1;

    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<GenerationRow> Generations => Set<GenerationRow>();

    public DbSet<RecordRow> Records => Set<RecordRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<JobRow>(job =>
        {
            job.ToTable("jobs").HasKey(row => row.JobId);
        });
        modelBuilder.Entity<RunRow>(run =>
        {
            run.ToTable("runs").HasKey(row => row.Place);
            run.Property(row => row.Place).ValueGeneratedOnAdd();
            run.HasIndex(row => row.RunId).IsUnique();
            run.HasIndex(row => new { row.Name, row.Number }).IsUnique();
            run.Property(row => row.Phase).HasConversion<string>();
        });
        modelBuilder.Entity<GenerationRow>().ToTable("generations").HasKey(row => new { row.RunId, row.Number });
        modelBuilder.Entity<RecordRow>().ToTable("records").HasKey(row => new { row.RunId, row.Sequence });
    }

    // SQLite stores no time zone.
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
