using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ClipDistributed.Coordinator.Store.Rows;

/// <summary>The tables of a coordinator, the same in every database; a change of them is a migration.</summary>
internal sealed class CoordinatorDb(DbContextOptions<CoordinatorDb> options) : DbContext(options)
{
    public DbSet<CoordinatorRow> Coordinator => Set<CoordinatorRow>();

    public DbSet<HostRow> Hosts => Set<HostRow>();

    public DbSet<DeviceFaultRow> DeviceFaults => Set<DeviceFaultRow>();

    public DbSet<JobRow> Jobs => Set<JobRow>();

    public DbSet<RequestRow> Requests => Set<RequestRow>();

    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<GenerationRow> Generations => Set<GenerationRow>();

    public DbSet<ShareRow> Shares => Set<ShareRow>();

    public DbSet<ReplicaRow> Replicas => Set<ReplicaRow>();

    public DbSet<IncidentRow> Incidents => Set<IncidentRow>();

    public DbSet<RecordRow> Records => Set<RecordRow>();

    public DbSet<TokenRow> Tokens => Set<TokenRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<RollupRow> Rollups => Set<RollupRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<string>().HaveConversion<TextConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<CoordinatorRow>().ToTable("coordinator").Property(row => row.Id).ValueGeneratedNever();
        modelBuilder.Entity<HostRow>().ToTable("hosts").HasKey(row => row.Name);
        modelBuilder.Entity<DeviceFaultRow>(fault =>
        {
            fault.ToTable("device_faults").HasKey(row => new { row.Host, row.Kind, row.DeviceIndex });
            fault.Property(row => row.Kind).HasConversion<string>();
        });
        modelBuilder.Entity<JobRow>().ToTable("jobs").HasKey(row => row.JobId);
        modelBuilder.Entity<RequestRow>().ToTable("requests").HasKey(row => row.RequestId);
        modelBuilder.Entity<RunRow>(run =>
        {
            run.ToTable("runs").HasKey(row => row.Place);
            run.Property(row => row.Place).ValueGeneratedOnAdd();
            run.HasIndex(row => row.RunId).IsUnique();
            run.HasIndex(row => new { row.Name, row.Number }).IsUnique();
            run.Property(row => row.State).HasConversion<string>();
            run.Property(row => row.Kind).HasConversion<string>();
            run.Property(row => row.StopRequest).HasConversion<string>();
            run.Property(row => row.PauseRequest).HasConversion<string>();
            run.Property(row => row.EndState).HasConversion<string>();
        });
        modelBuilder.Entity<GenerationRow>().ToTable("generations").HasKey(row => new { row.RunId, row.Number });
        modelBuilder.Entity<ShareRow>().ToTable("shares").HasKey(row => new { row.RunId, row.Generation, row.FirstStep });
        modelBuilder.Entity<ReplicaRow>(replica =>
        {
            replica.ToTable("replicas").HasKey(row => new { row.RunId, row.ReplicaId });
            replica.Property(row => row.Kind).HasConversion<string>();
        });
        modelBuilder.Entity<IncidentRow>(incident =>
        {
            incident.ToTable("incidents").HasKey(row => new { row.RunId, row.Number });
            incident.Property(row => row.Kind).HasConversion<string>();
        });
        modelBuilder.Entity<RecordRow>(record =>
        {
            record.ToTable("records").HasKey(row => new { row.RunId, row.Sequence });
            record.HasIndex(row => new { row.RunId, row.Generation, row.ReplicaId });
        });
        modelBuilder.Entity<TokenRow>(token =>
        {
            token.ToTable("tokens").HasKey(row => row.TokenId);
            token.Property(row => row.Role).HasConversion<string>();
        });
        modelBuilder.Entity<AuditRow>(entry =>
        {
            entry.ToTable("audit").HasKey(row => row.Place);
            entry.Property(row => row.Place).ValueGeneratedOnAdd();
        });
        modelBuilder.Entity<RollupRow>(rollup =>
        {
            rollup.ToTable("rollups").HasKey(row => new { row.RunId, row.Width, row.Bucket, row.FirstSequence });
            rollup.HasIndex(row => new { row.RunId, row.Width, row.LastSequence });
        });
    }

    // SQLite stores no time zone.
    private sealed class UtcConverter()
        : ValueConverter<DateTime, DateTime>(time => time, time => DateTime.SpecifyKind(time, DateTimeKind.Utc));

    // PostgreSQL's text holds no NUL, and a replica's last words may.
    private sealed class TextConverter() : ValueConverter<string, string>(text => text.Replace('\0', '\uFFFD'), text => text);
}
